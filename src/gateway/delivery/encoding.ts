import type { Gap, ServerMessage } from '../../protocol/server-messages.ts'
import type { EventItem, FeedItem } from '../feed/feed-item.ts'
import { frameHeader, textFrame } from '../feed/text-frame.ts'

/** How items become bytes for one kind of client. */
export interface Encoding {
  readonly name: 'v0' | 'v1' | 'sse'
  /** Adds an event; `skipped` says how many events the client's budget left out before it. */
  event(parts: Buffer[], item: EventItem, skipped: number): void
  gap(parts: Buffer[], gap: Gap, cursor?: string): void
  /** Any other message; undefined where the client knows none of its kind. */
  message(message: ServerMessage): Buffer | undefined
}

const texts = new WeakMap<ServerMessage, Buffer>()

/** Text of a message, made once for all that are sent the same one. */
function textOf(message: ServerMessage): Buffer {
  const text = texts.get(message) ?? Buffer.from(JSON.stringify(message))
  texts.set(message, text)
  return text
}

const budgetGap = (skipped: number): Gap => ({ type: 'gap', reason: 'rate_limit', missed: skipped })

/** Frames of version 1: made once for each event. */
const v1: Encoding = {
  name: 'v1',
  event(parts, item, skipped) {
    if (skipped > 0) this.gap(parts, budgetGap(skipped))
    parts.push(item.frame)
  },
  gap: (parts, gap) => void parts.push(textFrame(JSON.stringify(gap)).frame),
  message: textOf,
}

/** Frames of the compatible dialect: the entry's own id, and no message that its clients do not know. */
const v0: Encoding = {
  name: 'v0',
  event(parts, item, skipped) {
    const extra = skipped > 0 ? `"skipped":${skipped},` : ''
    const prefix = Buffer.from(`{"type":"stream_event","id":${JSON.stringify(item.id)},${extra}"event":`)
    parts.push(frameHeader(prefix.length + item.body.length + 1), prefix, item.body, closingBrace)
  },
  gap: () => undefined,
  message: (message) => (laterTypes.has(message.type) ? undefined : textOf(message)),
}

const closingBrace = Buffer.from('}')
const laterTypes: ReadonlySet<string> = new Set<ServerMessage['type']>([
  'error',
  'gap',
  'resume_result',
  'caught_up',
  'snapshot',
  'run_update',
  'token_expiring',
  'refreshed',
  'server_draining',
])

/** Server-sent events: the messages of version 1, with the cursor as the id that `Last-Event-ID` gives back. */
const sse: Encoding = {
  name: 'sse',
  event(parts, item, skipped) {
    if (skipped > 0) this.gap(parts, budgetGap(skipped))
    parts.push(Buffer.from(`id: ${item.cursor}\ndata: `), item.message, endOfEvent)
  },
  gap: (parts, gap, cursor) =>
    void parts.push(Buffer.from(`${cursor === undefined ? '' : `id: ${cursor}\n`}data: ${JSON.stringify(gap)}\n\n`)),
  message: (message) => Buffer.concat([startOfData, textOf(message), endOfEvent]),
}

const startOfData = Buffer.from('data: ')
const endOfEvent = Buffer.from('\n\n')

export const encodings = { v0, v1, sse }

/** Adds any item of the feed. */
export function encode(encoding: Encoding, parts: Buffer[], item: FeedItem, skipped = 0): void {
  if (item.kind === 'event') encoding.event(parts, item, skipped)
  else encoding.gap(parts, item.gap, item.cursor)
}
