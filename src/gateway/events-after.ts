import type { AurenEvent } from '../events/event.ts'
import type { Gap } from '../protocol/server-messages.ts'
import { PositionLostError } from '../streams/event-stream.ts'
import type { StreamPosition } from '../streams/event-stream.ts'
import type { View } from './delivery/view.ts'
import type { Archive } from './feed/archive.ts'
import { formatCursor, parseCursor } from './feed/cursor.ts'
import { gapItem } from './feed/feed-item.ts'
import type { FeedItem } from './feed/feed-item.ts'
import { toGap } from './feed/gap.ts'

export interface AfterQuery {
  readonly position: StreamPosition
  readonly limit: number
  readonly view: View
}

export interface EventsAfter {
  /** Oldest first. */
  readonly events: AurenEvent[]
  /** Cursor to go on behind. */
  readonly next: string
  /** False when this was all there is. */
  readonly more: boolean
  /** Events behind the position that the stream has lost. */
  readonly gap?: Gap
}

/** Pages of the stream that one question may look at: 10,000 entries. */
const maxPages = 20

/**
 * Events behind a position that a view shows: authorisation and filter come before the limit. Rejects as
 * `EventStream.read` does, but for lost positions, which are answered with a gap.
 */
export async function eventsAfter(archive: Archive, query: AfterQuery): Promise<EventsAfter> {
  const events: AurenEvent[] = []
  const gaps: { gap?: Gap } = {}
  let cursor = formatCursor(query.position)
  for (let pages = 0; pages < maxPages; pages += 1) {
    const page = await pageAfter(archive, cursor)
    for (const item of page.items) {
      if (item.kind === 'gap') {
        // It stands before all events of an answer or begins the next one.
        if (events.length > 0 || gaps.gap) return { events, next: item.cursor, more: true, ...gaps }
        gaps.gap = item.gap
        continue
      }
      if (!query.view.sees(item)) continue
      events.push(JSON.parse(item.body.toString()) as AurenEvent)
      if (events.length === query.limit) return { events, next: item.cursor, more: true, ...gaps }
    }
    if (page.cursor === cursor) return { events, next: cursor, more: false, ...gaps }
    cursor = page.cursor
  }
  return { events, next: cursor, more: true, ...gaps }
}

/** What stands behind a cursor, a hole first where that is lost. Its cursor stands before it, so that whoever asks again is told. */
async function pageAfter(archive: Archive, cursor: string): Promise<{ items: readonly FeedItem[]; cursor: string }> {
  try {
    const page = await archive.after(parseCursor(cursor, ''))
    return { items: archive.itemsOf(page, cursor), cursor: page.cursor }
  } catch (error) {
    if (!(error instanceof PositionLostError)) throw error
    return { items: [gapItem(toGap(error, cursor), cursor)], cursor: formatCursor(error.firstAvailable) }
  }
}
