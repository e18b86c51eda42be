import type { AurenEvent } from '../events/event.ts'
import type { Gap } from '../protocol/server-messages.ts'
import { PositionLostError } from '../streams/event-stream.ts'
import type { EventStream, StreamEntry, StreamPosition } from '../streams/event-stream.ts'
import type { View } from './delivery/view.ts'
import { formatCursor } from './feed/cursor.ts'
import { factsOf } from './feed/event-facts.ts'
import { toGap } from './feed/gap.ts'
import { maySee } from './principal.ts'
import type { Principal } from './principal.ts'

export interface RecentQuery {
  /** As the client sent it: clamped to 1–1,000; 100 when it is no number. */
  readonly limit: unknown
  readonly view: View
}

export interface RecentEvents {
  /** Newest first. */
  readonly events: AurenEvent[]
  /** Cursor to go on before; left out when there are no older ones. */
  readonly before?: string
  /** Whether the search ended before it found as many as were asked for. */
  readonly truncated: boolean
  /** The cursor asked for is of a stream that is gone. */
  readonly gap?: Gap
}

/** Where a search begins: in a life of the stream at its end, or before one of its entries. */
interface Start {
  readonly epoch: string
  readonly before?: StreamPosition | undefined
}

/** Entries that one question may look at, and that are read at once. */
const scanLimit = 10_000
const scanStep = 1_000

/** The newest events that a view shows: authorisation and filter come before the limit. Rejects as `EventStream.recent` does. */
export async function recentEvents(stream: EventStream, query: RecentQuery, start: Start): Promise<RecentEvents> {
  const limit = clampLimit(query.limit)
  const events: AurenEvent[] = []
  const cursorOf = (id: string) => formatCursor({ epoch: start.epoch, id })
  let [looked, last] = [0, '']
  try {
    for await (const entries of newestFirst(stream, start)) {
      for (const { event, position } of entries) {
        if (!query.view.shows(factsOf(event)) || events.push(event) < limit) continue
        return { events, before: cursorOf(position), truncated: false }
      }
      looked += entries.length
      last = entries.at(-1)?.position ?? last
    }
  } catch (error) {
    if (!(error instanceof PositionLostError)) throw error
    return { events, truncated: false, gap: toGap(error, start.before && formatCursor(start.before)) }
  }
  return looked < scanLimit ? { events, truncated: false } : { events, before: cursorOf(last), truncated: true }
}

/** One event by its id, when it is among the newest 10,000 and the principal may see it. */
export async function recentEvent(
  stream: EventStream,
  principal: Principal,
  { eventId, epoch }: { readonly eventId: string; readonly epoch: string },
): Promise<AurenEvent | undefined> {
  for await (const entries of newestFirst(stream, { epoch })) {
    const found = entries.find(({ event }) => event.event_id === eventId && maySee(principal, event))
    if (found !== undefined) return found.event
  }
  return undefined
}

async function* newestFirst(stream: EventStream, { epoch, before }: Start): AsyncGenerator<readonly StreamEntry[]> {
  let place = before
  for (let looked = 0; looked < scanLimit;) {
    const entries = await stream.recent(scanStep, place)
    const oldest = entries.at(-1)
    if (oldest === undefined) return
    yield entries
    looked += entries.length
    place = { epoch, id: oldest.position }
  }
}

export function clampLimit(limit: unknown): number {
  if (typeof limit !== 'number' || !Number.isFinite(limit)) return 100
  return Math.min(1_000, Math.max(1, Math.floor(limit)))
}
