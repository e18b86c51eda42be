import { randomUUID } from 'node:crypto'
import type { AurenEvent } from '../events/event.ts'
import { toTimestamp } from '../events/timestamp.ts'
import { machine } from './machine.ts'
import { processGone } from './process-gone.ts'
import { producerId } from './producer-id.ts'

interface OpenRun {
  readonly traceId: string
  /** The event of the run's first open step: whom the heartbeat speaks for. */
  readonly first: AurenEvent
  readonly steps: Set<string>
  /** Milliseconds since the epoch. */
  dueAt: number
}

const startedTypes = new Set(['agent_execution_started', 'llm_call_started', 'tool_usage_started'])

/** Milliseconds after which a run that is still open gets its first heartbeat: most are over by then. */
const firstBeatMs = 1_000

/** Runs open at once that get heartbeats; a process with more tells of the first ones only. */
const maxRuns = 1_000

/** Knows from the events which runs (traces) have open steps, and says for each that its process still lives. */
export class RunHeartbeats {
  readonly #runs = new Map<string, OpenRun>()
  readonly #intervalMs: number

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
  }

  /** Milliseconds between two looks for runs that are due. */
  get lookMs(): number {
    return Math.min(firstBeatMs, this.#intervalMs)
  }

  observe(event: AurenEvent): void {
    const { trace_id: traceId, span_id: step } = event
    if (traceId === null || step === null) return
    const run = this.#runs.get(traceId)
    if (startedTypes.has(event.event_type)) {
      if (run) run.steps.add(step)
      else if (this.#runs.size < maxRuns) this.#open(traceId, event, step)
    } else if (run) {
      // Whatever else a span gives, it gives at its end.
      run.steps.delete(step)
      if (run.steps.size === 0) this.#runs.delete(traceId)
    }
  }

  /** A heartbeat for each open run that is due for one. To be called every `lookMs`. */
  beat(now: number = Date.now()): AurenEvent[] {
    const beat = { producer: producerId, machine, intervalMs: this.#intervalMs, timeMs: now }
    // Timers are not exact: one that is due in half a look is due.
    const due = [...this.#runs.values()].filter(({ dueAt }) => dueAt <= now + this.lookMs / 2)
    return due.map((run) => {
      run.dueAt = now + this.#intervalMs
      return heartbeat(randomUUID(), run.first, [...run.steps], beat)
    })
  }

  /** The last word of a process that stops observing: runs that are still open will not be told to the end. */
  farewell(): AurenEvent[] {
    const now = Date.now()
    return [...this.#runs.values()].map(({ first, traceId }) =>
      processGone({ ...first, trace_id: traceId }, producerId, now),
    )
  }

  #open(traceId: string, first: AurenEvent, step: string): void {
    const dueAt = Date.now() + this.lookMs
    this.#runs.set(traceId, { traceId, first, steps: new Set([step]), dueAt })
  }
}

export interface Beat {
  /** Names the process that lives; a process id alone is used again. */
  readonly producer: string
  /** Where it lives, when that is known. */
  readonly machine?: string
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
    payload: {
      producer: beat.producer,
      ...(beat.machine === undefined ? {} : { machine: beat.machine }),
      interval_ms: beat.intervalMs,
      open_steps: openSteps.slice(0, 100),
    },
    metadata: { run_started: first.timestamp },
  }
}
