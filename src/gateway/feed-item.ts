import type { AurenEvent } from '../events/event.ts'
import type { StreamEntry } from '../streams/event-stream.ts'

/** One event on its way to many clients: turned into text once, for all of them. */
export class FeedItem {
  readonly id: string
  readonly event: AurenEvent
  #body: string | undefined
  #frame: Buffer | undefined

  constructor({ id, event }: StreamEntry) {
    this.id = id
    this.event = event
  }

  /** The `stream_event` message. `skipped` says how many events the receiver's budget left out before it. */
  frame(skipped = 0): Buffer | string {
    this.#body ??= JSON.stringify(this.event)
    if (skipped > 0) return message(this.id, this.#body, `"skipped":${skipped},`)
    return (this.#frame ??= Buffer.from(message(this.id, this.#body, '')))
  }
}

function message(id: string, body: string, extra: string): string {
  return `{"type":"stream_event","id":${JSON.stringify(id)},${extra}"event":${body}}`
}
