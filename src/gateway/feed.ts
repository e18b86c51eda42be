import { setTimeout as sleep } from 'node:timers/promises'
import { PositionLostError } from '../streams/event-stream.ts'
import type { EventStream, StreamEntry, StreamInfo, StreamPosition } from '../streams/event-stream.ts'
import { RecentIds } from './recent-ids.ts'

export interface FeedListener {
  /** Events in stream order, each event id once. */
  entries(entries: readonly StreamEntry[]): void
  /** Events that this gateway will never see; `missed` null where their number cannot be known. */
  gap(reason: PositionLostError['reason'], missed: number | null): void
  skipped(counts: { readonly malformed: number; readonly duplicates: number }): void
  /** The stream cannot be read (reason), or can again (null). Told once for each change. */
  unavailable(reason: string | null): void
}

/** Events of one read, milliseconds of one wait, and the bounds of the wait after a failure, with full jitter. */
const pageLimit = 512
const waitMs = 5_000
const minBackOffMs = 100
const maxBackOffMs = 5_000

/** Milliseconds after which length and bounds of the stream are looked at again. */
const infoAgeMs = 10_000

/** Event ids remembered to recognise what an exporter sent twice. */
const idsKept = 50_000

/** The one tail of a gateway over the stream: group-less, so that every gateway sees everything. */
export class Feed {
  readonly #stream: EventStream
  readonly #listener: FeedListener
  readonly #stop = new AbortController()
  readonly #seen = new RecentIds(idsKept)
  #position: StreamPosition | undefined
  #running: Promise<void> | undefined
  #unavailable: string | null = 'starting'
  /** What the listener was told last; nothing so far while starting. */
  #wasUp: boolean | undefined
  #info: StreamInfo | undefined
  #infoAt = 0

  constructor(stream: EventStream, listener: FeedListener) {
    this.#stream = stream
    this.#listener = listener
  }

  /** Why the stream cannot be read at the moment; null when the tail has caught up. */
  get unavailable(): string | null {
    return this.#unavailable
  }

  /** The stream as it was when it was last looked at. */
  get info(): StreamInfo | undefined {
    return this.#info
  }

  /** Starts after the newest event that is there now, or as soon as the stream can be reached. */
  start(): void {
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
        if (error instanceof PositionLostError) this.#skipGap(error)
        else await this.#backOff((failures += 1), error)
      }
    }
  }

  async #step(): Promise<void> {
    if (this.#position === undefined || performance.now() - this.#infoAt > infoAgeMs) await this.#lookAtStream()
    // After an outage the first read does not wait, so that the feed is known to be back at once.
    const wait = this.#unavailable === null ? waitMs : 0
    const after = (this.#position ??= this.#info?.last as StreamPosition)
    const page = await this.#stream.read(after, { limit: pageLimit, waitMs: wait, signal: this.#stop.signal })
    this.#position = page.next
    this.#setUnavailable(null)
    const fresh = page.entries.filter(({ event }) => this.#seen.add(event.event_id))
    const duplicates = page.entries.length - fresh.length
    if (page.malformed > 0 || duplicates > 0) this.#listener.skipped({ malformed: page.malformed, duplicates })
    if (fresh.length > 0) this.#listener.entries(fresh)
  }

  async #lookAtStream(): Promise<void> {
    this.#info = await this.#stream.info()
    this.#infoAt = performance.now()
  }

  #skipGap(error: PositionLostError): void {
    this.#position = error.firstAvailable
    this.#listener.gap(error.reason, error.missed)
  }

  async #backOff(failures: number, error: unknown): Promise<void> {
    this.#setUnavailable(error instanceof Error ? error.message : 'the stream cannot be read')
    const ceiling = Math.min(maxBackOffMs, minBackOffMs * 2 ** Math.min(failures, 10))
    await sleep(Math.random() * ceiling, undefined, { signal: this.#stop.signal }).catch(() => undefined)
  }

  #setUnavailable(reason: string | null): void {
    const isUp = reason === null
    this.#unavailable = reason
    if (isUp === this.#wasUp) return
    this.#wasUp = isUp
    this.#listener.unavailable(reason)
  }
}
