import type { Gap } from '../../protocol/server-messages.ts'
import type { StreamEntry } from '../../streams/event-stream.ts'
import { formatCursor } from './cursor.ts'
import { factsOf } from './event-facts.ts'
import type { EventFacts } from './event-facts.ts'
import { textFrame } from './text-frame.ts'

/** One entry of the feed: an event, or a hole where events are missing. */
export type FeedItem = EventItem | GapItem

export interface GapItem {
  readonly kind: 'gap'
  /** Where to read on behind the hole. */
  readonly cursor: string
  readonly gap: Gap
  readonly bytes: number
}

/** Bytes that an item takes beside its text, roughly: the facts for filters, and its place in the window's index. */
const overheadBytes = 768

/** An event on its way to many clients: turned into bytes once, with the facts that decide who gets it. */
export class EventItem {
  readonly kind = 'event'
  /** The stream's own id of the entry, as clients of the predecessor know it. */
  readonly id: string
  /** Reading after it goes on behind this event. */
  readonly cursor: string
  readonly facts: EventFacts
  /** The `stream_event` of version 1 as a WebSocket frame. */
  readonly frame: Buffer
  /** The same without the frame's header: the message as text. */
  readonly message: Buffer
  /** The event alone, as JSON. */
  readonly body: Buffer

  constructor(entry: StreamEntry, epoch: string) {
    const { event } = entry
    this.id = entry.id
    this.cursor = formatCursor({ epoch, id: entry.position })
    this.facts = factsOf(event)
    const prefix = `{"type":"stream_event","id":${JSON.stringify(this.cursor)},"event":`
    const { frame, payload } = textFrame(`${prefix}${JSON.stringify(event)}}`)
    this.frame = frame
    this.message = payload
    this.body = payload.subarray(Buffer.byteLength(prefix), -1)
  }

  get bytes(): number {
    return this.frame.length + overheadBytes
  }
}

export function gapItem(gap: Gap, cursor: string): GapItem {
  return { kind: 'gap', cursor, gap, bytes: overheadBytes }
}
