import { randomUUID } from 'node:crypto'
import type { AurenEvent } from '../events/event.ts'
import { toTimestamp } from '../events/timestamp.ts'
import { producerId } from './producer-id.ts'

interface OpenRun {
  /** The event of the run's first open step: whom the heartbeat speaks for. */
  readonly first: AurenEvent
  readonly steps: Set<string>
}

const startedTypes = new Set(['agent_execution_started', 'llm_call_started', 'tool_usage_started'])
const finishedTypes = new Set(['agent_execution_completed', 'llm_call', 'tool_usage'])

/** Runs open at once that get heartbeats; a process with more tells of the first ones only. */
const maxRuns = 1_000

/** Knows from the events which runs (traces) have open steps, and says for each that its process still lives. */
export class RunHeartbeats {
  readonly #runs = new Map<string, OpenRun>()
  readonly #intervalMs: number

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
  }

  observe(event: AurenEvent): void {
    if (event.trace_id === null || event.span_id === null) return
    const run = this.#runs.get(event.trace_id)
    if (startedTypes.has(event.event_type)) {
      if (run) run.steps.add(event.span_id)
      else if (this.#runs.size < maxRuns)
        this.#runs.set(event.trace_id, { first: event, steps: new Set([event.span_id]) })
    } else if (run && finishedTypes.has(event.event_type)) {
      run.steps.delete(event.span_id)
      if (run.steps.size === 0) this.#runs.delete(event.trace_id)
    }
  }

  /** One heartbeat for each open run. */
  beat(): AurenEvent[] {
    return [...this.#runs.values()].map(({ first, steps }) => ({
      ...first,
      event_id: randomUUID(),
      timestamp: toTimestamp(Date.now()),
      event_type: 'heartbeat',
      payload: { producer: producerId, interval_ms: this.#intervalMs, open_steps: [...steps].slice(0, 100) },
      metadata: { run_started: first.timestamp },
    }))
  }
}
