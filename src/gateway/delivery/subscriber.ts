import { AurenError } from '../../errors.ts'
import { PositionLostError } from '../../streams/event-stream.ts'
import type { Archive } from '../feed/archive.ts'
import { formatCursor, parseCursor } from '../feed/cursor.ts'
import type { FeedItem } from '../feed/feed-item.ts'
import { toGap } from '../feed/gap.ts'
import type { FeedWindow } from '../feed/window.ts'
import { batchOf } from './batch.ts'
import type { Batch } from './batch.ts'
import type { FanOut, Member, Place, Stay } from './fan-out.ts'
import type { Reader } from './reader.ts'
import { Resumption } from './resumption.ts'
import type { Sink } from './sink.ts'
import type { View } from './view.ts'

/** Where a subscriber reads. */
export interface Source {
  readonly window: FeedWindow
  readonly archive: Archive
  readonly fanOut: FanOut
  /** Whether the tail has come to the end of the stream once: before, it does not know what is repeated. */
  isLive(): boolean
  /** Whether the tail reads: while it does not, it may not know yet what the stream has lost. */
  isUp(): boolean
  /** Where the live feed stands; undefined before the stream could be read. */
  start(): { readonly cursor: string; readonly epoch: string } | undefined
}

/**
 * One connection's place in the feed. It catches up by itself, at the pace at which its client takes what it is sent: from
 * the window, or behind that from the stream. At the end it joins those who see the same, and leaves them when its socket
 * is full. A slow client so costs no more than what its socket holds.
 */
export class Subscriber implements Member {
  readonly #source: Source
  readonly #reader: Reader
  /** Events that it was sent, but for those of a group that it is in. */
  #sent = 0
  #cursor: string | undefined
  #next: number | undefined
  #view: View
  #resumption: Resumption
  #blockedAt: number | undefined
  #isReading = false
  #isScheduled = false
  #isClosed = false

  constructor(source: Source, reader: Reader) {
    this.#source = source
    this.#reader = reader
    this.#view = reader.view
    this.#resumption = new Resumption(reader, undefined)
    reader.sink.onDrained(() => this.#drained())
  }

  /** Begins behind the cursor `resume`, or with what happens from now on. */
  start(resume?: string): void {
    this.#resumption = new Resumption(this.#reader, resume)
    this.advance()
  }

  get sink(): Sink {
    return this.#reader.sink
  }

  get view(): View {
    return this.#view
  }

  /** Cursor of the last item that was looked at for this connection; undefined while a `resume` is not answered. */
  get cursor(): string | undefined {
    if (this.#resumption.asked !== undefined) return undefined
    return this.#source.fanOut.stayOf(this)?.cursor ?? this.#cursor
  }

  get eventsSent(): number {
    return this.#sent + (this.#source.fanOut.stayOf(this)?.events ?? 0)
  }

  /** Items of the window that it has not looked at. */
  get lag(): number {
    const { window, fanOut } = this.#source
    return window.end - Math.max(window.start, fanOut.stayOf(this)?.next ?? this.#next ?? window.start)
  }

  /** Milliseconds since it was first seen that its client does not take what waits for it, be it an event or not. */
  get blockedMs(): number {
    return this.#isFull() && this.#blockedAt !== undefined ? performance.now() - this.#blockedAt : 0
  }

  /** From the next item on it sees otherwise; an answer that is sent now still comes before. */
  look(view: View): void {
    const stay = this.#source.fanOut.leave(this)
    this.#view = view
    if (stay) this.#goOn(stay)
    this.#again()
  }

  close(): void {
    this.#isClosed = true
    const stay = this.#source.fanOut.leave(this)
    if (stay) this.#goOn(stay)
  }

  leftBehind(stay: Stay): void {
    this.#goOn(stay)
    this.#isFull()
  }

  /** One step: a buffer from the window, a page from the stream, or into the group at the end. */
  advance(): void {
    if (this.#isClosed || this.#isReading || this.#isScheduled || this.#isFull()) return
    const { window, fanOut } = this.#source
    if (fanOut.stayOf(this)) return
    const cursor = this.#position()
    if (cursor === undefined || !this.#source.isLive()) return fanOut.wait(this)
    const isInWindow = this.#next !== undefined && this.#next >= window.start
    const next = isInWindow ? this.#next : window.after(cursor)
    if (next === undefined) return this.#source.isUp() ? void this.#readArchive(cursor) : fanOut.wait(this)
    this.#resumption.answer(next === window.end ? 'live' : 'replay', cursor)
    this.#next = next
    if (next === window.end) return this.#arrive({ next, cursor })
    this.#write(batchOf(window.from(next), this.#reading()))
    this.#again()
  }

  #position(): string | undefined {
    const start = this.#source.start()
    if (start === undefined || this.#cursor !== undefined) return this.#cursor
    const { asked } = this.#resumption
    if (asked !== undefined) return (this.#cursor = formatCursor(parseCursor(asked, start.epoch)))
    // By number: the same cursor may stand before what a failover took.
    if (this.#source.isLive()) this.#next = this.#source.window.end
    return (this.#cursor = start.cursor)
  }

  #goOn({ next, cursor, events }: Stay): void {
    this.#next = next
    this.#cursor = cursor
    this.#sent += events
  }

  /** A client with an allowance of its own can share no buffer, and looks for itself at every turn. */
  #arrive(place: Place): void {
    if (this.#reader.budget) this.#source.fanOut.wait(this)
    else if (!this.#source.fanOut.join(this, place)) return
    this.#resumption.caughtUp(place.cursor)
  }

  async #readArchive(cursor: string): Promise<void> {
    this.#isReading = true
    this.#next = undefined
    try {
      const page = await this.#source.archive.after(parseCursor(cursor, ''))
      this.#isReading = false
      if (this.#isClosed) return
      this.#resumption.answer('replay', cursor)
      if (page.items.length === 0 && page.cursor === cursor) return this.#waitAtTheEnd(cursor)
      this.#writePage(this.#source.archive.itemsOf(page, cursor), page.cursor)
      this.#again()
    } catch (error) {
      this.#isReading = false
      if (!this.#isClosed) this.#failed(error, cursor)
    }
  }

  /** The stream has no more, and the tail has not come here yet. */
  #waitAtTheEnd(cursor: string): void {
    this.#source.fanOut.wait(this)
    this.#resumption.caughtUp(cursor)
  }

  #failed(error: unknown, cursor: string): void {
    if (error instanceof PositionLostError) {
      this.#cursor = formatCursor(error.firstAvailable)
      this.#resumption.answer('replay', this.#cursor, error.reason)
      this.#reader.send(toGap(error, cursor))
      return this.#again()
    }
    if (error instanceof AurenError && error.code === 'AUREN_POSITION_INVALID') {
      this.#resumption.answer('live', this.#source.start()?.cursor, 'invalid_cursor')
      this.#cursor = undefined
      const from = this.#position()
      this.#reader.send({ type: 'gap', reason: 'invalid_cursor', missed: null, ...(from && { first_available: from }) })
      return this.#again()
    }
    // The stream cannot be read at the moment: tried again when the tail can.
    this.#source.fanOut.wait(this)
  }

  /** As far as the socket takes it; what is left is read again, so that no client holds a page while it stalls. */
  #writePage(items: readonly FeedItem[], end: string): void {
    let rest = items
    while (rest.length > 0 && !this.#isFull()) {
      const batch = batchOf(rest, this.#reading())
      this.#write(batch)
      rest = rest.slice(batch.items)
    }
    if (rest.length === 0) this.#cursor = end
  }

  #write(batch: Batch): void {
    if (this.#next !== undefined) this.#next += batch.items
    this.#cursor = batch.cursor ?? this.#cursor
    if (batch.bytes.length === 0) return
    this.sink.write(batch.bytes)
    this.#sent += batch.events
    this.#reader.delivered(batch.events)
  }

  #reading(): Parameters<typeof batchOf>[1] {
    return { view: this.#view, encoding: this.sink.encoding, budget: this.#reader.budget }
  }

  #isFull(): boolean {
    if (!this.sink.isBlocked) return false
    this.#blockedAt ??= performance.now()
    return true
  }

  #drained(): void {
    this.#blockedAt = undefined
    this.advance()
  }

  /** Others come first, then the next step. */
  #again(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.advance()
    })
  }
}
