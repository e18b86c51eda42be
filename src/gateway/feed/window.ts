import type { FeedItem } from './feed-item.ts'

/**
 * The newest part of the stream in memory, oldest first, bounded in bytes. Every connection reads it at its own pace by a
 * number that only grows: what a slow one has not read yet costs nothing more than what stands here once.
 */
export class FeedWindow {
  readonly #maxBytes: number
  readonly #maxItems: number
  #items: (FeedItem | undefined)[] = []
  /** Number of the first item in `#items`, and how many of those are no longer part of the window. */
  #base = 0
  #gone = 0
  #bytes = 0
  /** Cursor → number of the item behind it. */
  readonly #behind = new Map<string, number>()
  #tail: string | undefined

  constructor(maxBytes: number, maxItems = 50_000) {
    this.#maxBytes = maxBytes
    this.#maxItems = maxItems
  }

  /** Number of the oldest item. */
  get start(): number {
    return this.#base + this.#gone
  }

  /** Number that the next item will have. */
  get end(): number {
    return this.#base + this.#items.length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Cursor after the newest item; undefined before anything was read. */
  get cursor(): string | undefined {
    return this.#tail
  }

  at(number: number): FeedItem | undefined {
    return number < this.start ? undefined : this.#items[number - this.#base]
  }

  /** Items from this number on. */
  *from(number: number): Generator<FeedItem> {
    for (let item = this.at(number); item !== undefined; item = this.at((number += 1))) yield item
  }

  /** Number of the item behind a cursor; undefined when the window cannot tell. */
  after(cursor: string): number | undefined {
    const number = this.#behind.get(cursor) ?? (cursor === this.#tail ? this.end : undefined)
    return number === undefined || number < this.start ? undefined : number
  }

  add(item: FeedItem): void {
    this.#items.push(item)
    this.#bytes += item.bytes
    // Where a stream went back to an older place: who comes there has yet to be told of the hole.
    this.#behind.set(item.cursor, this.#behind.has(item.cursor) ? this.end - 1 : this.end)
    this.#tail = item.cursor
    while (this.#bytes > this.#maxBytes || this.end - this.start > this.#maxItems) this.#dropOldest()
  }

  /** The tail stands here, behind entries that are not shown to anybody. */
  moveTo(cursor: string): void {
    this.#tail = cursor
  }

  #dropOldest(): void {
    const item = this.#items[this.#gone] as FeedItem
    this.#bytes -= item.bytes
    if (this.#behind.get(item.cursor) === this.start + 1) this.#behind.delete(item.cursor)
    this.#gone += 1
    if (this.#gone < 1_024 || this.#gone < this.#items.length / 2) {
      // Let go of it now; the place in the array goes with the next thousand.
      this.#items[this.#gone - 1] = undefined
      return
    }
    this.#items = this.#items.slice(this.#gone)
    this.#base += this.#gone
    this.#gone = 0
  }
}
