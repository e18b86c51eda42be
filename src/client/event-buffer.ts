import type { AurenEvent } from '../events/event.ts'
import type { Gap, StreamEvent } from '../protocol/server-messages.ts'

type Item = StreamEvent | Gap

export interface Holes {
  /** Events that the reader was too slow for. */
  onDropped(count: number): void
  /** Events that the gateway could not send. */
  onGap(gap: Gap): void
}

/**
 * Events between the socket and a reader of the iterator: bounded, the oldest are dropped first and counted. The reader is
 * told of every hole when it comes there: just before the first event behind it.
 */
export class EventBuffer implements AsyncIterator<AurenEvent> {
  readonly #bound: number
  readonly #holes: Holes
  readonly #items: Item[] = []
  #readers: ((result: IteratorResult<AurenEvent>) => void)[] = []
  #ended = false
  #unreported = 0
  #position: string | undefined
  dropped = 0

  constructor(bound: number, holes: Holes) {
    this.#bound = bound
    this.#holes = holes
  }

  /** Cursor of the newest event that the reader was given. */
  get position(): string | undefined {
    return this.#position
  }

  add(item: Item): void {
    if (this.#ended) return
    this.#items.push(item)
    while (this.#readers.length > 0) {
      const event = this.#take()
      if (event === undefined) return
      this.#readers.shift()?.({ value: event, done: false })
    }
    if (this.#items.length <= this.#bound) return
    const oldest = this.#items.shift()
    if (oldest?.type === 'gap') return this.#holes.onGap(oldest)
    this.dropped += 1
    this.#unreported += 1
  }

  next(): Promise<IteratorResult<AurenEvent>> {
    const event = this.#take()
    if (event) return Promise.resolve({ value: event, done: false })
    if (this.#ended) return Promise.resolve({ value: undefined, done: true })
    return new Promise((resolve) => this.#readers.push(resolve))
  }

  end(): void {
    this.#ended = true
    for (const reader of this.#readers.splice(0)) reader({ value: undefined, done: true })
  }

  #take(): AurenEvent | undefined {
    const count = this.#unreported
    this.#unreported = 0
    if (count > 0) this.#holes.onDropped(count)
    for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift()) {
      if (item.type === 'gap') this.#holes.onGap(item)
      else {
        this.#position = item.id
        return item.event
      }
    }
    return undefined
  }
}
