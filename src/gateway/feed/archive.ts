import { setTimeout as sleep } from 'node:timers/promises'
import type { EventStream, StreamPosition } from '../../streams/event-stream.ts'
import { formatCursor } from './cursor.ts'
import { EventItem, gapItem } from './feed-item.ts'
import type { FeedItem } from './feed-item.ts'
import type { Holes } from './holes.ts'
import type { Repeats } from './repeats.ts'
import type { FeedWindow } from './window.ts'

/** A part of the stream that the window does not hold, as it is stored. */
export interface ArchivePage {
  readonly items: readonly EventItem[]
  /** Where to read on; equals the cursor asked for at the end of the stream. */
  readonly cursor: string
  /** Whether there may be more behind it already. */
  readonly isFull: boolean
}

/** Entries of one page, pages read at once, and bytes of pages kept. */
const pageLimit = 500
const maxReads = 4
const maxCachedBytes = 32 * 1_048_576

/** Milliseconds that a tail which is behind has to arrive, longer than it pauses after a failure; and between looks. */
const aheadMs = 6_000
const aheadRetryMs = 20

/** What the tail finds out. */
export interface TailKnowledge {
  readonly window: Pick<FeedWindow, 'after'>
  readonly repeats: Pick<Repeats, 'isCopy'>
  readonly holes: Pick<Holes, 'before'>
}

/** Pages behind the window: read once for all who ask for the same, and never more than four at a time. */
export class Archive {
  readonly #stream: Pick<EventStream, 'read'>
  readonly #known: TailKnowledge
  readonly #pages = new Map<string, Promise<ArchivePage>>()
  readonly #sizes = new Map<string, number>()
  readonly #queue: (() => void)[] = []
  #reading = 0
  #cachedBytes = 0

  constructor(stream: Pick<EventStream, 'read'>, known: TailKnowledge) {
    this.#stream = stream
    this.#known = known
  }

  /**
   * A page that goes beyond the tail, as for a client of a gateway that is ahead of this one, waits for it: the tail alone knows
   * which events are repeated. Rejects as `EventStream.read` does.
   */
  async after(position: StreamPosition): Promise<ArchivePage> {
    const deadline = performance.now() + aheadMs
    for (;;) {
      const page = await this.#page(position)
      if (this.#isKnown(page) || performance.now() > deadline) return page
      await sleep(aheadRetryMs)
    }
  }

  /**
   * What the page behind a cursor has to tell, as far as the tail knows by now: its events without those that repeat an
   * earlier one, and the holes between them.
   */
  itemsOf({ items }: ArchivePage, cursor: string): readonly FeedItem[] {
    return items.flatMap((item, index) => {
      const gap = this.#known.holes.before(item.id)
      const hole = gap === undefined ? [] : [gapItem(gap, items[index - 1]?.cursor ?? cursor)]
      return this.#known.repeats.isCopy(item.id) ? hole : [...hole, item]
    })
  }

  #isKnown({ isFull, items, cursor }: ArchivePage): boolean {
    return isFull || items.length === 0 || this.#known.window.after(cursor) !== undefined
  }

  #page(position: StreamPosition): Promise<ArchivePage> {
    const key = formatCursor(position)
    const known = this.#pages.get(key)
    if (known) return known
    const page = this.#read(position)
    this.#pages.set(key, page)
    page.then(
      ({ isFull, bytes }) => (isFull ? this.#keep(key, bytes) : this.#pages.delete(key)),
      () => this.#pages.delete(key),
    )
    return page
  }

  async #read(position: StreamPosition): Promise<ArchivePage & { readonly bytes: number }> {
    if (this.#reading < maxReads) this.#reading += 1
    else await new Promise<void>((resolve) => this.#queue.push(resolve))
    try {
      const { entries, next, epoch, isEnd } = await this.#stream.read(position, { limit: pageLimit })
      const items = entries.map((entry) => new EventItem(entry, epoch))
      return {
        items,
        cursor: formatCursor(next),
        // Only what cannot grow any more is worth keeping.
        isFull: !isEnd,
        bytes: items.reduce((sum, item) => sum + item.bytes, 0),
      }
    } finally {
      const next = this.#queue.shift()
      if (next) next()
      else this.#reading -= 1
    }
  }

  #keep(key: string, bytes: number): void {
    this.#sizes.set(key, bytes)
    this.#cachedBytes += bytes
    for (const [oldest, size] of this.#sizes) {
      if (this.#cachedBytes <= maxCachedBytes) return
      this.#sizes.delete(oldest)
      this.#pages.delete(oldest)
      this.#cachedBytes -= size
    }
  }
}
