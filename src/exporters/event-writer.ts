import { randomUUID } from 'node:crypto'
import type { AurenEvent } from '../events/event.ts'
import { toTimestamp } from '../events/timestamp.ts'
import { AppendError } from '../streams/event-stream.ts'
import type { EventStream } from '../streams/event-stream.ts'
import { EventQueue } from './event-queue.ts'
import { producerId } from './producer-id.ts'

export interface EventWriterOptions {
  /** Opens the stream; called again after a failure, and not before the first event. */
  readonly open: () => Promise<EventStream>
  /** Default 16 MiB. */
  readonly maxQueueBytes?: number
  /** Default 20,000. */
  readonly maxQueueEvents?: number
  /** Wait before the first retry, doubled up to `maxRetryMs`, with full jitter. Default 100 ms. */
  readonly minRetryMs?: number
  /** Default 30 s. */
  readonly maxRetryMs?: number
  /** Runs each write, for instance outside of any trace. Default: just runs it. */
  readonly run?: <T>(work: () => T) => T
  /** Whether closing the writer closes the stream. Default true. */
  readonly closesStream?: boolean
  /** Tenant of the gap events. Default none. */
  readonly tenantId?: string | null
  /** Called once for each change between writing and failing. */
  readonly onStateChange?: (state: WriterState, cause: unknown) => void
}

export type WriterState = 'writing' | 'failing'

export interface WriterStats {
  readonly queuedEvents: number
  readonly queuedBytes: number
  readonly capacityEvents: number
  readonly written: number
  readonly retries: number
  readonly dropped: Readonly<Record<DropReason, number>>
}

export type DropReason = 'queue_full' | 'closed'

/** Events and bytes of one append: large enough to be cheap, small enough to keep the others waiting only shortly. */
const batchEvents = 256
const batchBytes = 512 * 1024

/**
 * Writes events to a stream in order, one append at a time: at once when idle, together when one is under way. An outage
 * is retried for ever; when the queue is full, detail is dropped before structure, counted, and announced by a
 * `telemetry_gap` event written before what follows. Nothing here throws or keeps the process alive.
 */
export class EventWriter {
  readonly #options: EventWriterOptions
  readonly #queue: EventQueue
  readonly #capacityEvents: number
  #stream: EventStream | undefined
  #pump: Promise<void> | undefined
  #wake: (() => void) | undefined
  #state: WriterState = 'writing'
  #closed = false
  #written = 0
  #retries = 0
  readonly #dropped: Record<DropReason, number> = { queue_full: 0, closed: 0 }
  #gap: Gap | undefined
  #failures = 0

  constructor(options: EventWriterOptions) {
    this.#options = options
    this.#capacityEvents = options.maxQueueEvents ?? 20_000
    const maxBytes = options.maxQueueBytes ?? 16 * 1024 * 1024
    this.#queue = new EventQueue({ maxBytes, maxEvents: this.#capacityEvents })
  }

  write(events: readonly AurenEvent[]): void {
    if (this.#closed) {
      this.#dropped.closed += events.length
      return
    }
    for (const event of events) for (const lost of this.#queue.add(event)) this.#noteDropped(lost)
    if (this.#queue.length === 0) return
    const run = this.#options.run ?? ((work) => work())
    this.#pump ??= run(() => this.#run())
  }

  get stats(): WriterStats {
    return {
      queuedEvents: this.#queue.length,
      queuedBytes: this.#queue.bytes,
      capacityEvents: this.#capacityEvents,
      written: this.#written,
      retries: this.#retries,
      dropped: { ...this.#dropped },
    }
  }

  /** Resolves true when everything queued so far is written, false when that did not happen within the time. */
  async flush(timeoutMs = 5_000): Promise<boolean> {
    if (this.#pump === undefined) return true
    this.#wake?.()
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), timeoutMs)))
    const done = await Promise.race([this.#pump.then(() => true), timeout])
    clearTimeout(timer)
    return done
  }

  /** Flushes, then closes the stream. Events that are still queued are dropped and counted. */
  async close(timeoutMs = 5_000): Promise<boolean> {
    if (this.#closed) return this.#queue.length === 0
    const flushed = await this.flush(timeoutMs)
    this.#closed = true
    this.#wake?.()
    this.#dropped.closed += this.#queue.length
    if (this.#options.closesStream ?? true) await this.#stream?.close().catch(() => undefined)
    return flushed
  }

  async #run(): Promise<void> {
    while (!this.#closed && (this.#queue.length > 0 || this.#gap !== undefined)) {
      try {
        await this.#writeBatch()
        this.#failures = 0
        this.#enter('writing', undefined)
      } catch (error) {
        this.#failures += 1
        this.#retries += 1
        this.#enter('failing', error)
        await this.#backOff()
      }
    }
    this.#pump = undefined
  }

  async #writeBatch(): Promise<void> {
    this.#stream ??= await this.#options.open()
    await this.#announceGap(this.#stream)
    const batch = this.#queue.take(batchEvents, batchBytes)
    if (batch.length === 0) return
    try {
      await this.#stream.append(batch)
      this.#written += batch.length
    } catch (error) {
      const failed = error instanceof AppendError ? error.failed : batch
      this.#written += batch.length - failed.length
      this.#queue.putBack(failed)
      throw error
    }
  }

  async #announceGap(stream: EventStream): Promise<void> {
    const gap = this.#gap
    if (gap === undefined) return
    this.#gap = undefined
    try {
      await stream.append([gapEvent(gap, this.#options.tenantId ?? null)])
    } catch (error) {
      this.#gap = mergeGaps(gap, this.#gap)
      throw error
    }
  }

  #noteDropped({ timestamp }: AurenEvent): void {
    this.#dropped.queue_full += 1
    this.#gap = mergeGaps(this.#gap, { from: timestamp, to: timestamp, dropped: 1 })
  }

  #enter(state: WriterState, cause: unknown): void {
    if (this.#state === state) return
    this.#state = state
    this.#options.onStateChange?.(state, cause)
  }

  async #backOff(): Promise<void> {
    const { minRetryMs = 100, maxRetryMs = 30_000 } = this.#options
    const ceiling = Math.min(maxRetryMs, minRetryMs * 2 ** Math.min(this.#failures - 1, 20))
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.random() * ceiling).unref()
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }
}

interface Gap {
  readonly from: string
  readonly to: string
  readonly dropped: number
}

function mergeGaps(earlier: Gap | undefined, later: Gap | undefined): Gap | undefined {
  if (earlier === undefined || later === undefined) return earlier ?? later
  return { from: earlier.from, to: later.to, dropped: earlier.dropped + later.dropped }
}

function gapEvent(gap: Gap, tenantId: string | null): AurenEvent {
  return {
    event_id: randomUUID(),
    trace_id: null,
    session_id: null,
    timestamp: toTimestamp(Date.now()),
    event_type: 'telemetry_gap',
    source_agent: null,
    target_agent: null,
    payload: { ...gap, reason: 'queue_full', producer: producerId },
    metadata: {},
    user_id: null,
    span_id: null,
    parent_span_id: null,
    tenant_id: tenantId,
  }
}
