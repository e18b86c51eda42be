import { setTimeout as sleep } from 'node:timers/promises'
import { PositionLostError } from '../../streams/event-stream.ts'
import type { EventPage, EventStream, StreamEntry, StreamInfo, StreamPosition } from '../../streams/event-stream.ts'
import { formatCursor } from './cursor.ts'
import { EventItem, gapItem } from './feed-item.ts'
import { toGap } from './gap.ts'
import type { Holes } from './holes.ts'
import type { Repeats } from './repeats.ts'
import type { FeedWindow } from './window.ts'

export interface FeedListener {
  /** Events in stream order, each event id once. Not `live`: they were there before the gateway was. */
  entries(entries: readonly StreamEntry[], live: boolean): void
  /** Events that this gateway will never see; `missed` null where their number cannot be known. */
  gap(reason: PositionLostError['reason'], missed: number | null): void
  skipped(counts: { readonly malformed: number; readonly duplicates: number }): void
  /** The stream cannot be read (reason), or can again (null). Told once for each change. */
  unavailable(reason: string | null): void
  /** The window has grown; the tail goes on when this is resolved. */
  turn(): Promise<void>
}

/** Events of one read, milliseconds of one wait, and the bounds of the wait after a failure, with full jitter. */
const pageLimit = 512
const waitMs = 5_000
const minBackOffMs = 100
const maxBackOffMs = 5_000

/** Milliseconds after which length and bounds of the stream are looked at again. */
const infoAgeMs = 10_000

/**
 * The one tail of a gateway over the stream: group-less, so that every gateway sees everything. It begins with what is
 * recent in the stream, so that all gateways know the same, whenever they were started.
 */
export class Feed {
  readonly window: FeedWindow
  readonly #stream: EventStream
  readonly #listener: FeedListener
  readonly #stop = new AbortController()
  readonly #repeats: Repeats
  readonly #holes: Holes
  #position: StreamPosition | undefined
  #running: Promise<void> | undefined
  #unavailable: string | null = 'starting'
  /** What the listener was told last; nothing so far while starting. */
  #wasUp: boolean | undefined
  #live = false
  #info: StreamInfo | undefined
  #infoAt = 0
  #liveFrom: string | undefined

  constructor(
    stream: EventStream,
    known: { readonly window: FeedWindow; readonly repeats: Repeats; readonly holes: Holes },
    listener: FeedListener,
  ) {
    this.#stream = stream
    this.window = known.window
    this.#repeats = known.repeats
    this.#holes = known.holes
    this.#listener = listener
  }

  /** Why the stream cannot be read at the moment; null when the tail has caught up. */
  get unavailable(): string | null {
    return this.#unavailable
  }

  get isLive(): boolean {
    return this.#live
  }

  /** The stream as it was when it was last looked at. */
  get info(): StreamInfo | undefined {
    return this.#info
  }

  /** Where a client begins that asks for nothing older; undefined before the stream could be read. */
  get start(): { readonly cursor: string; readonly epoch: string } | undefined {
    const cursor = this.#live ? this.window.cursor : this.#liveFrom
    return cursor === undefined || this.#position === undefined ? undefined : { cursor, epoch: this.#position.epoch }
  }

  run(): void {
    this.#running ??= this.#run()
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    let failures = 0
    while (!this.#stop.signal.aborted) {
      try {
        await this.#step()
        failures = 0
      } catch (error) {
        if (this.#stop.signal.aborted) return
        if (error instanceof PositionLostError) await this.#skipGap(error)
        else await this.#backOff((failures += 1), error)
      }
    }
  }

  async #step(): Promise<void> {
    if (this.#position === undefined || performance.now() - this.#infoAt > infoAgeMs) await this.#lookAtStream()
    // While catching up and after an outage a read does not wait, so that the feed is known to be there at once.
    const wait = this.#unavailable === null ? waitMs : 0
    const after = (this.#position ??= this.#info?.recent as StreamPosition)
    const page = await this.#stream.read(after, { limit: pageLimit, waitMs: wait, signal: this.#stop.signal })
    this.#position = page.next
    // Another of several streams is read: its ids are not those of the copies that are known.
    if (page.epoch !== after.epoch) this.#repeats.beginAnew()
    this.#take(page)
    if (this.#live || page.isEnd) this.#setUnavailable(null)
    if (this.#live) await this.#listener.turn()
  }

  #take(page: EventPage): void {
    const fresh = page.entries.filter((entry) => this.#repeats.isNew(entry))
    const duplicates = page.entries.length - fresh.length
    if (fresh[0]) this.#holes.close(fresh[0].id)
    for (const entry of fresh) this.window.add(new EventItem(entry, page.epoch))
    this.window.moveTo(formatCursor(page.next))
    if (page.malformed > 0 || duplicates > 0) this.#listener.skipped({ malformed: page.malformed, duplicates })
    if (fresh.length > 0) this.#listener.entries(fresh, this.#live)
  }

  async #lookAtStream(): Promise<void> {
    this.#info = await this.#stream.info()
    this.#infoAt = performance.now()
    this.#liveFrom ??= formatCursor(this.#info.last)
  }

  /** What is trimmed before a gateway has begun concerns nobody; later everybody is told, where it happened. */
  async #skipGap(error: PositionLostError): Promise<void> {
    const isSameStream = this.#position?.epoch === error.firstAvailable.epoch
    this.#position = error.firstAvailable
    if (error.reason !== 'trimmed') this.#repeats.beginAnew()
    const cursor = formatCursor(error.firstAvailable)
    if (!this.#live) return this.window.moveTo(cursor)
    const gap = toGap(error, this.window.cursor)
    this.window.add(gapItem(gap, cursor))
    // Whoever reads it later is told of all else by the stream.
    if (isSameStream && error.reason !== 'trimmed') this.#holes.open(gap)
    this.#listener.gap(error.reason, error.missed)
    await this.#listener.turn()
  }

  async #backOff(failures: number, error: unknown): Promise<void> {
    this.#setUnavailable(error instanceof Error ? error.message : 'the stream cannot be read')
    const ceiling = Math.min(maxBackOffMs, minBackOffMs * 2 ** Math.min(failures, 10))
    await sleep(Math.random() * ceiling, undefined, { signal: this.#stop.signal }).catch(() => undefined)
  }

  #setUnavailable(reason: string | null): void {
    const isUp = reason === null
    this.#unavailable = reason
    if (isUp) this.#live = true
    if (isUp === this.#wasUp) return
    this.#wasUp = isUp
    this.#listener.unavailable(reason)
  }
}
