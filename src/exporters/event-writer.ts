import type { AurenEvent } from '../events/event.ts'
import { AppendError } from '../streams/event-stream.ts'
import type { EventStream } from '../streams/event-stream.ts'
import { Backlog } from './backlog.ts'
import { Retries } from './retries.ts'
import { codeOf } from './retry-delay.ts'
import { Spilling } from './spilling.ts'
import type { Spool } from './spool.ts'
import { withinTime } from './within-time.ts'
import type { WriterState, WriterStats } from './writer-stats.ts'

export interface EventWriterOptions {
  /** Opens the stream; called again after a failure, and not before the first event. */
  readonly open: () => Promise<EventStream>
  /** Where events wait on disk while the stream is away. Default nowhere: they wait in memory. */
  readonly spool?: Spool | undefined
  /** Milliseconds after a failed write, without a successful one, after which events go to the spool. Default 500. */
  readonly spoolAfterMs?: number
  /** Default 16 MiB. */
  readonly maxQueueBytes?: number
  /** Default 20,000. */
  readonly maxQueueEvents?: number
  /** Milliseconds before the first retry, doubled up to `maxRetryMs`, with full jitter. Default 100. */
  readonly minRetryMs?: number
  /** Default 30 s. */
  readonly maxRetryMs?: number
  /** Runs each write, for instance outside of any trace. Default: just runs it. */
  readonly run?: <T>(work: () => T) => T
  /** Whether closing the writer closes the stream. Default true. */
  readonly closesStream?: boolean
  /** Tenant of the gap events. Default none. */
  readonly tenantId?: string | null
  /** Called once for each change, with the errors of the stream and of the disk that led to it. */
  readonly onStateChange?: (state: WriterState, cause: unknown, diskCause?: unknown) => void
}

const defaultSpoolAfterMs = 500
/** Milliseconds between looks for what other processes left. */
const adoptMs = 10_000

/**
 * Writes events to a stream in order, one append at a time: at once when idle, together when one is under way. An outage
 * is retried for ever, with the events on disk; when disk and memory are full, detail is dropped before structure, counted,
 * and announced by a `telemetry_gap` event written before what follows. Nothing here throws or keeps the process alive.
 */
export class EventWriter {
  readonly #options: EventWriterOptions
  readonly #backlog: Backlog
  readonly #retries: Retries
  readonly #spilling: Spilling
  #stream: EventStream | undefined
  #pump: Promise<void> | undefined
  #closed = false
  #lookedForOrphans = -Infinity
  #written = 0
  #adopted = 0

  constructor(options: EventWriterOptions) {
    this.#options = options
    this.#retries = new Retries({ minMs: options.minRetryMs ?? 100, maxMs: options.maxRetryMs ?? 30_000 })
    this.#backlog = new Backlog({
      maxBytes: options.maxQueueBytes ?? 16 * 1024 * 1024,
      maxEvents: options.maxQueueEvents ?? 20_000,
      tenantId: options.tenantId ?? null,
      spool: options.spool,
    })
    this.#spilling = new Spilling({
      backlog: this.#backlog,
      retries: this.#retries,
      hasDisk: options.spool !== undefined,
      afterMs: options.spoolAfterMs ?? defaultSpoolAfterMs,
      onStateChange: options.onStateChange,
    })
  }

  write(events: readonly AurenEvent[]): void {
    if (this.#closed) return this.#backlog.losses.drop('closed', events)
    for (const event of events) this.#backlog.add(event)
    if (this.#backlog.isCrowded) this.#spilling.relieve()
    if (events.length > 0) this.#start()
  }

  get stats(): WriterStats {
    return {
      state: this.#spilling.state,
      queuedEvents: this.#backlog.queuedEvents,
      queuedBytes: this.#backlog.queuedBytes,
      capacityEvents: this.#backlog.limits.maxEvents,
      capacityBytes: this.#backlog.limits.maxBytes,
      spooledEvents: this.#backlog.spooledEvents,
      spooledBytes: this.#backlog.spooledBytes,
      written: this.#written,
      retries: this.#retries.count,
      adopted: this.#adopted,
      dropped: { ...this.#backlog.losses.counts },
    }
  }

  /** Resolves true when everything queued so far is in the stream, false when that did not happen within the time. */
  flush(timeoutMs = 5_000): Promise<boolean> {
    if (this.#pump === undefined) return Promise.resolve(true)
    this.#retries.wake()
    return withinTime(timeoutMs, this.#pump)
  }

  /** As {@link flush}, but content when everything is on disk: for the end of the process. */
  settle(timeoutMs = 5_000): Promise<boolean> {
    if (this.#pump === undefined) return Promise.resolve(true)
    const isHopeless = codeOf(this.#retries.cause) === 'AUREN_STREAM_URL_INVALID'
    if (isHopeless || this.#isSpooling) this.#spilling.spill()
    if (isHopeless || this.#isSpooling) return Promise.resolve(this.#isSpooling)
    this.#retries.wake()
    return withinTime(timeoutMs, Promise.race([this.#pump, this.#spilling.spooled]))
  }

  /**
   * Stores what is left without waiting: in the stream where it can do that, else on disk. Returns how many events could
   * not be stored. For the last moment of a process; one that goes on after it loses nothing by it.
   */
  keep(): number {
    if (this.#backlog.isEmpty) return 0
    const left = this.#backlog.remember()
    try {
      if (!this.#appendNow(left)) this.#backlog.spill()
      this.#backlog.markEnded()
      return 0
    } catch {
      return left.length
    }
  }

  /** Waits until everything is in the stream or on disk, counts the rest as dropped, and closes the stream. Says whether all is safe. */
  async close(timeoutMs = 5_000): Promise<boolean> {
    if (this.#closed) return this.#backlog.isEmpty
    const settled = await this.settle(timeoutMs)
    this.#closed = true
    this.#spilling.stop()
    this.#retries.wake()
    if (this.keep() > 0) {
      this.#backlog.losses.drop('closed', this.#backlog.remember())
      this.#backlog.clearMemory()
    }
    this.#backlog.close()
    if (this.#options.closesStream ?? true) await this.#stream?.close().catch(() => undefined)
    return settled
  }

  get #isSpooling(): boolean {
    return this.#spilling.state === 'spooling'
  }

  #start(): void {
    const run = this.#options.run ?? ((work) => work())
    this.#pump ??= run(() => this.#run())
  }

  async #run(): Promise<void> {
    // What is written in one turn goes together.
    await Promise.resolve()
    this.#adopt()
    while (!this.#closed) {
      const events = this.#backlog.take(this.#retries.batchEvents)
      if (events === undefined) break
      await this.#attempt(events)
    }
    this.#spilling.stop()
    this.#pump = undefined
  }

  async #attempt(events: readonly AurenEvent[]): Promise<void> {
    this.#spilling.began()
    const began = performance.now()
    try {
      this.#stream ??= await this.#options.open()
      await this.#stream.append(events)
      this.#settled(events, [], [])
      this.#succeeded(began)
    } catch (error) {
      const { failed, rejected } = error instanceof AppendError ? error : { failed: events, rejected: [] }
      this.#settled(events, failed, rejected)
      if (failed.length > 0) await this.#backOff(error)
      else this.#succeeded(began)
    }
  }

  #settled(events: readonly AurenEvent[], failed: readonly AurenEvent[], rejected: readonly AurenEvent[]): void {
    this.#written += events.length - failed.length - rejected.length
    this.#backlog.losses.drop('too_large', rejected)
    this.#backlog.settle(failed)
  }

  #succeeded(began: number): void {
    this.#retries.succeeded()
    this.#spilling.succeeded(performance.now() - began)
  }

  async #backOff(error: unknown): Promise<void> {
    this.#retries.failed(error)
    if (this.#closed) return
    if (this.#retries.failures === 1) this.#spilling.failed()
    await this.#retries.wait()
  }

  #adopt(): void {
    const now = performance.now()
    if (now - this.#lookedForOrphans < adoptMs) return
    this.#lookedForOrphans = now
    this.#adopted += this.#backlog.adopt()
  }

  #appendNow(events: readonly AurenEvent[]): boolean {
    if (this.#stream?.appendNow === undefined || this.#backlog.spooledEvents > 0) return false
    try {
      this.#stream.appendNow(events)
      this.#backlog.clearMemory()
      return true
    } catch {
      return false
    }
  }
}
