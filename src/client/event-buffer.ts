import type { AurenEvent } from '../events/event.ts'

/** Events between the socket and a reader of the iterator: bounded, the oldest are dropped first, counted and reported. */
export class EventBuffer implements AsyncIterator<AurenEvent> {
  readonly #bound: number
  readonly #onDropped: (count: number) => void
  readonly #events: AurenEvent[] = []
  #readers: ((result: IteratorResult<AurenEvent>) => void)[] = []
  #ended = false
  #unreported = 0
  dropped = 0

  /** `onDropped` is told when the reader comes to the hole: just before the first event after it. */
  constructor(bound: number, onDropped: (count: number) => void) {
    this.#bound = bound
    this.#onDropped = onDropped
  }

  add(event: AurenEvent): void {
    if (this.#ended) return
    const reader = this.#readers.shift()
    if (reader) return reader({ value: event, done: false })
    this.#events.push(event)
    if (this.#events.length <= this.#bound) return
    this.#events.shift()
    this.dropped += 1
    this.#unreported += 1
  }

  next(): Promise<IteratorResult<AurenEvent>> {
    this.#report()
    const event = this.#events.shift()
    if (event) return Promise.resolve({ value: event, done: false })
    if (this.#ended) return Promise.resolve({ value: undefined, done: true })
    return new Promise((resolve) => this.#readers.push(resolve))
  }

  end(): void {
    this.#ended = true
    for (const reader of this.#readers.splice(0)) reader({ value: undefined, done: true })
  }

  #report(): void {
    const count = this.#unreported
    this.#unreported = 0
    if (count > 0) this.#onDropped(count)
  }
}
