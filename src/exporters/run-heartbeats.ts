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
    const beat = { producer: producerId, intervalMs: this.#intervalMs, timeMs: Date.now() }
    return [...this.#runs.values()].map(({ first, steps }) => heartbeat(randomUUID(), first, [...steps], beat))
  }
}

export interface Beat {
  /** Names the process that lives; a process id alone is used again. */
  readonly producer: string
  /** Milliseconds until the next one. */
  readonly intervalMs: number
  /** Milliseconds since the epoch. */
  readonly timeMs: number
}

/** Says of the run that `first` began that its process lives, with its open steps (span ids, 100 at most). */
export function heartbeat(id: string, first: AurenEvent, openSteps: readonly string[], beat: Beat): AurenEvent {
  return {
    ...first,
    event_id: id,
    timestamp: toTimestamp(beat.timeMs),
    event_type: 'heartbeat',
    payload: { producer: beat.producer, interval_ms: beat.intervalMs, open_steps: openSteps.slice(0, 100) },
    metadata: { run_started: first.timestamp },
  }
}
