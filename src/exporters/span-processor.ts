import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { createPublisher } from './event-publisher.ts'
import type { EventPublisher } from './event-publisher.ts'
import type { AurenExportOptions } from './export-options.ts'
import { atProcessEnd } from './process-end.ts'
import type { Unfinished } from './process-end.ts'
import type { MetricsEndpoint } from './process-heartbeat.ts'
import { toSpanRecord } from './readable-span.ts'
import { warnOnce } from './warn.ts'

/** Starts and ends waiting for the end of the turn; a longer turn is handled in between, so that nothing piles up. */
const maxPerTurn = 10_000

type Moment = readonly ['start' | 'end', ReadableSpan]

/**
 * Publishes spans as AUREN events while they run: starts from `onStart`, ends from `onEnd`. Both only note the span; the
 * work is done at the end of the current turn of the event loop, since many libraries set a span's attributes just after
 * starting it. Works with the 2.x and 3.x lines of the OpenTelemetry SDK. Nothing here throws, blocks or keeps the
 * process alive.
 */
export class AurenSpanProcessor implements SpanProcessor, Unfinished {
  readonly #publisher: EventPublisher
  readonly #leaveProcess: () => void
  readonly #warn = warnOnce('A span could not be published')
  #moments: Moment[] = []
  #scheduled = false
  #closed = false

  constructor(options: AurenExportOptions = {}) {
    this.#publisher = createPublisher(options)
    this.#leaveProcess = atProcessEnd(this)
  }

  onStart(span: ReadableSpan): void {
    this.#note(['start', span])
  }

  onEnd(span: ReadableSpan): void {
    this.#note(['end', span])
  }

  /** Tells gateways where Prometheus reaches the metrics of this process, until the processor is shut down. */
  announce(endpoint: MetricsEndpoint): void {
    if (!this.#closed) this.#publisher.announce(endpoint)
  }

  /** Resolves when everything published so far is written, or after 5 s. */
  async forceFlush(): Promise<void> {
    this.#translate()
    await this.#publisher.flush()
  }

  /** Writes what is left within 5 s and closes the stream. Spans that come later are ignored. */
  async shutdown(): Promise<void> {
    if (this.#closed) return
    this.#translate()
    this.#closed = true
    await this.#publisher.close()
    this.#leaveProcess()
  }

  settle(timeoutMs: number): Promise<boolean> {
    this.#translate()
    return this.#publisher.settle(timeoutMs)
  }

  keep(): number {
    this.#translate()
    return this.#publisher.keep()
  }

  #note(moment: Moment): void {
    if (this.#closed) return
    this.#moments.push(moment)
    if (this.#moments.length >= maxPerTurn) this.#translate()
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#onTurnEnd)
  }

  readonly #onTurnEnd = (): void => {
    this.#scheduled = false
    this.#translate()
  }

  #translate(): void {
    const moments = this.#moments
    this.#moments = []
    for (const [phase, span] of moments) {
      try {
        const record = toSpanRecord(span, phase)
        if (phase === 'start') this.#publisher.pipeline.spanStarted(record)
        else this.#publisher.pipeline.spanEnded(record)
      } catch (error) {
        this.#warn(error)
      }
    }
  }
}
