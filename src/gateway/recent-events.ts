import type { AurenEvent } from '../events/event.ts'
import type { EventStream } from '../streams/event-stream.ts'
import { maySee } from './principal.ts'
import type { Principal } from './principal.ts'

export interface RecentQuery {
  /** As the client sent it: clamped to 1–1,000; 100 when it is no number. */
  readonly limit: unknown
  /** Empty: all types. */
  readonly types: readonly string[]
  /** What the dialect of the connection knows. */
  readonly knows: (type: string) => boolean
}

/** Entries that one question may look at, first a little and then more. */
const scans = [1_000, 10_000]

/** The newest events a principal may see, newest first: authorisation and types come before the limit. */
export async function recentEvents(
  stream: EventStream,
  principal: Principal,
  query: RecentQuery,
): Promise<{ readonly events: AurenEvent[]; readonly truncated: boolean }> {
  const limit = clampLimit(query.limit)
  const types = new Set(query.types)
  let events: AurenEvent[] = []
  for (const scan of scans) {
    const entries = await stream.recent(scan)
    events = entries
      .map(({ event }) => event)
      .filter((event) => maySee(principal, event) && query.knows(event.event_type))
      .filter((event) => types.size === 0 || types.has(event.event_type))
    if (events.length >= limit || entries.length < scan) return { events: events.slice(0, limit), truncated: false }
  }
  return { events, truncated: true }
}

/** One event by its id, when it is among the newest 10,000 and the principal may see it. */
export async function recentEvent(
  stream: EventStream,
  principal: Principal,
  eventId: string,
): Promise<AurenEvent | undefined> {
  for (const scan of scans) {
    const entries = await stream.recent(scan)
    const found = entries.find(({ event }) => event.event_id === eventId && maySee(principal, event))
    if (found !== undefined || entries.length < scan) return found?.event
  }
  return undefined
}

export function clampLimit(limit: unknown): number {
  if (typeof limit !== 'number' || !Number.isFinite(limit)) return 100
  return Math.min(1_000, Math.max(1, Math.floor(limit)))
}
