import type { AurenEventMetrics } from '../../exporters/event-metrics.ts'
import { EventPipeline } from '../../exporters/event-pipeline.ts'
import type { EventSink } from '../../exporters/event-pipeline.ts'
import { SpanTranslator } from '../../translate/span-to-events.ts'
import type { PriceCall } from '../../translate/pricing.ts'
import type { RedactText } from '../../translate/redaction.ts'
import type { SpanRecord } from '../../translate/span-record.ts'
import { RecentIds } from '../../events/recent-ids.ts'
import { heartbeatsOf } from './span-heartbeats.ts'

export interface SpanIntakeOptions {
  readonly tenantId: string | null
  readonly captureContent: boolean
  readonly price: PriceCall
  readonly redact?: RedactText | undefined
  readonly metrics: AurenEventMetrics
  readonly sink: EventSink
  /** Milliseconds that a span waits for an agent above it that is not known yet, default 2,000. */
  readonly holdMs?: number
}

interface Held {
  readonly span: SpanRecord
  readonly until: number
}

/** Spans remembered to recognise what a client sent again, and spans that may wait at once. */
const spansRemembered = 100_000
const maxHeld = 10_000

/**
 * Spans of one tenant that come over OTLP. A request is read whole before anything is published, since children come before
 * their agent; a child whose ancestor is still unknown waits a short time, and then goes out without an agent rather than
 * with a guess.
 */
export class SpanIntake {
  readonly #translator: SpanTranslator
  readonly #pipeline: EventPipeline
  readonly #sink: EventSink
  readonly #holdMs: number
  readonly #seen = new RecentIds(spansRemembered)
  #held: Held[] = []

  constructor(options: SpanIntakeOptions) {
    this.#translator = new SpanTranslator(options)
    this.#pipeline = new EventPipeline(this.#translator, [options.metrics], [options.sink])
    this.#sink = options.sink
    this.#holdMs = options.holdMs ?? 2_000
  }

  /** Takes the spans of one request; ones that were taken before, and starts that come after their end, are left out. */
  take(spans: readonly SpanRecord[], now: number = performance.now()): void {
    const current = spans.filter((span) => span.endMs !== null || !this.#seen.has(idOf(span, 'end')))
    const fresh = current.filter((span) => this.#seen.add(idOf(span, span.endMs === null ? 'start' : 'end')))
    for (const span of fresh) this.#translator.enter(span)
    const until = now + this.#holdMs
    const all = [...this.#held, ...fresh.map((span) => ({ span, until }))]
    this.#publish(all, (held) => held.until > now && this.#translator.waitsForAgent(held.span))
    this.#beat(current)
  }

  /** Publishes what has waited long enough. To be called a few times a second. */
  release(now: number = performance.now()): void {
    if (this.#held.some(({ until }) => until <= now)) this.#publish(this.#held, ({ until }) => until > now)
  }

  /** Publishes everything that still waits. */
  flush(): void {
    this.#publish(this.#held, () => false)
  }

  #beat(spans: readonly SpanRecord[]): void {
    const open = spans.filter(({ endMs }) => endMs === null)
    const beats = heartbeatsOf(open, (span) => this.#translator.started(span)[0])
    const fresh = beats.filter(({ event_id: id }) => this.#seen.add(id))
    if (fresh.length > 0) this.#sink.write(fresh)
  }

  #publish(all: readonly Held[], keep: (held: Held) => boolean): void {
    const kept = all.filter(keep).slice(-maxHeld)
    const waiting = new Set(kept)
    const ready = all.filter((held) => !waiting.has(held)).map(({ span }) => span)
    this.#held = kept
    for (const span of ready) if (span.endMs === null) this.#start(span)
    this.#pipeline.spansEnded(ready.filter((span) => span.endMs !== null))
  }

  /** A start may come before the library has set the span's attributes: one that gives no event may come once more. */
  #start(span: SpanRecord): void {
    if (!this.#pipeline.spanStarted(span)) this.#seen.forget(idOf(span, 'start'))
  }
}

function idOf({ traceId, spanId }: SpanRecord, phase: 'start' | 'end'): string {
  return `${traceId}${spanId}${phase}`
}
