import { RecentIds } from '../events/recent-ids.ts'
import type { ServerMessage } from '../protocol/server-messages.ts'

/** Event ids remembered to recognise what is sent twice, as after a failover of the stream. */
const idsKept = 10_000

/** How far the messages of all connections have come: where the next connection is to go on. */
export class Progress {
  readonly #seen = new RecentIds(idsKept)
  #cursor: string | undefined

  constructor(cursor: string | undefined) {
    this.#cursor = cursor
  }

  get cursor(): string | undefined {
    return this.#cursor
  }

  /** Takes note of a message; false for an event that came before. */
  take(message: ServerMessage): boolean {
    switch (message.type) {
      case 'connection_established':
        this.#cursor ??= message.position ?? undefined
        return true
      case 'stream_event':
        this.#cursor = message.id
        return this.#seen.add(message.event.event_id)
      case 'caught_up':
        this.#cursor = message.id
        return true
      case 'pong':
        this.#cursor = message.last_id ?? this.#cursor
        return true
      case 'gap':
        this.#cursor = message.first_available ?? this.#cursor
        return true
      case 'resume_result':
        // A cursor that no gateway understands must not be sent again.
        if (message.reason === 'invalid_cursor') this.#cursor = undefined
        return true
      default:
        return true
    }
  }
}
