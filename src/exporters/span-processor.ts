import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { createPublisher } from './event-publisher.ts'
import type { EventPublisher } from './event-publisher.ts'
import type { AurenExportOptions } from './export-options.ts'
import { atProcessEnd } from './process-end.ts'
import type { Unfinished } from './process-end.ts'
import type { MetricsEndpoint } from './process-heartbeat.ts'
import { toSpanRecord } from './readable-span.ts'
import { warnOnce } from './warn.ts'

/** Milliseconds of work at the end of a turn; what is left waits for the end of the next. */
const sliceMs = 2
/** The part of what waits that each slice does at least, so that it cannot pile up where turns are long. */
const leastPart = 1 / 16
/** Starts and ends that wait at most; beyond it they are worked off while the turn goes on. */
const maxWaiting = 10_000
/** Milliseconds after a slice before the next begins: what a busy process makes in them goes together. */
const togetherMs = 25

type Phase = 'start' | 'end'

/**
 * Publishes spans as AUREN events while they run: starts from `onStart`, ends from `onEnd`. Both only note the span; the
 * work is done at the end of the current turn of the event loop, since many libraries set a span's attributes just after
 * starting it; when there was some less than 25 ms ago, that long after it, since what is done together costs less. It is
 * done in slices of 2 ms, so that the agent does not wait. Works with the 2.x and 3.x lines of the OpenTelemetry SDK.
 * Nothing here throws, blocks or keeps the process alive.
 */
export class AurenSpanProcessor implements SpanProcessor, Unfinished {
  readonly #publisher: EventPublisher
  readonly #leaveProcess: () => void
  readonly #warn = warnOnce('A span could not be published')
  /** Starts and ends in their order, and the spans that they are of. */
  readonly #phases: Phase[] = []
  readonly #spans: ReadableSpan[] = []
  /** The first of them that is not published yet. */
  #next = 0
  #isScheduled = false
  /** When the last slice was over, by the clock of `performance`. */
  #restedAt = -Infinity
  #closed = false

  constructor(options: AurenExportOptions = {}) {
    this.#publisher = createPublisher(options)
    this.#leaveProcess = atProcessEnd(this)
  }

  onStart(span: ReadableSpan): void {
    this.#note('start', span)
  }

  onEnd(span: ReadableSpan): void {
    this.#note('end', span)
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

  #note(phase: Phase, span: ReadableSpan): void {
    if (this.#closed) return
    this.#phases.push(phase)
    this.#spans.push(span)
    if (this.#spans.length >= maxWaiting) this.#translate(0)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    const rest = this.#restedAt + togetherMs - performance.now()
    // A process that ends before the timer does publishes what waits from its last hooks.
    if (rest > 0) setTimeout(this.#onTurn, rest).unref()
    else setImmediate(this.#onTurn)
  }

  readonly #onTurn = (): void => {
    this.#translate(sliceMs)
    this.#restedAt = performance.now()
    this.#isScheduled = this.#spans.length > 0
    if (this.#isScheduled) setImmediate(this.#onTurn)
  }

  /** Publishes what waits, the oldest first, for about this time. */
  #translate(ms = Infinity): void {
    const deadline = performance.now() + ms
    const waiting = this.#spans.length - this.#next
    for (let done = 0; done < waiting; done += 1) {
      if (done > waiting * leastPart && performance.now() >= deadline) break
      // A hook of the user may make spans, and even flush: what is taken is taken.
      const at = this.#next++
      this.#publish(this.#phases[at], this.#spans[at])
    }
    this.#phases.splice(0, this.#next)
    this.#spans.splice(0, this.#next)
    this.#next = 0
  }

  #publish(phase: Phase | undefined, span: ReadableSpan | undefined): void {
    if (phase === undefined || span === undefined) return
    try {
      const record = toSpanRecord(span, phase)
      if (phase === 'start') this.#publisher.pipeline.spanStarted(record)
      else this.#publisher.pipeline.spanEnded(record)
    } catch (error) {
      this.#warn(error)
    }
  }
}
