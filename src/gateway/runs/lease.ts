import type { AurenEvent } from '../../events/event.ts'
import { shortText } from '../../protocol/step-facts.ts'

/** Heartbeats that may be missed, and a half for the way: after that a process counts as not heard. */
const intervalsAllowed = 2.5

/** Longest interval between two heartbeats that is believed, milliseconds. */
const maxIntervalMs = 60 * 60_000

/** Open steps that one heartbeat names at the most. */
const maxOpenSteps = 100

/** What the newest heartbeat of one process says about a run. */
export interface Lease {
  readonly eventId: string
  readonly producer: string
  /** The machine of the process, as its heartbeats name it. */
  readonly machine: string | undefined
  /** When the heartbeat was made, by the clock of its process, and when it was heard: milliseconds since the epoch. */
  readonly madeAt: number
  readonly heardAt: number
  /** Milliseconds after `heardAt` for which the process counts as alive. */
  readonly lengthMs: number
  readonly openSteps: ReadonlySet<string>
  readonly runStartedAt: number
  /** Whom a heartbeat speaks for, for what is said in its place when the process is gone. */
  readonly speaksFor: Pick<AurenEvent, 'session_id' | 'source_agent' | 'user_id'>
}

/** Undefined when the heartbeat does not name its process. */
export function leaseOf(event: AurenEvent, heardAt: number): Lease | undefined {
  const { producer, interval_ms: interval, open_steps: open, machine } = event.payload
  const madeAt = Date.parse(event.timestamp)
  const name = shortText(producer)
  if (name === undefined || typeof interval !== 'number' || !(interval > 0) || Number.isNaN(madeAt)) return undefined
  const { session_id, user_id, source_agent: agent } = event
  return {
    eventId: event.event_id,
    producer: name,
    machine: shortText(machine),
    madeAt,
    heardAt,
    lengthMs: Math.min(interval, maxIntervalMs) * intervalsAllowed,
    openSteps: new Set(Array.isArray(open) ? open.slice(0, maxOpenSteps).flatMap((id) => shortText(id) ?? []) : []),
    runStartedAt: Date.parse(shortText(event.metadata['run_started']) ?? ''),
    speaksFor: { session_id, user_id, source_agent: agent && { id: agent.id, role: agent.role } },
  }
}
