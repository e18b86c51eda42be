import type { AurenEvent } from '../events/event.ts'
import type { SpanRecord } from '../translate/span-record.ts'
import type { SpanTranslator } from '../translate/span-to-events.ts'
import { childrenFirst } from './children-first.ts'
import type { AurenEventMetrics } from './event-metrics.ts'

export interface EventSink {
  write(events: readonly AurenEvent[]): void
}

/** Spans → events → metrics and stream: the one way for spans of this process and for those received over OTLP. */
export class EventPipeline {
  readonly #translator: SpanTranslator
  readonly #metrics: readonly AurenEventMetrics[]
  readonly #sinks: readonly EventSink[]

  constructor(translator: SpanTranslator, metrics: readonly AurenEventMetrics[], sinks: readonly EventSink[]) {
    this.#translator = translator
    this.#metrics = metrics
    this.#sinks = sinks
  }

  /** Whether the start gave an event. */
  spanStarted(span: SpanRecord): boolean {
    const events = this.#translator.started(span)
    this.#publish(events)
    return events.length > 0
  }

  spanEnded(span: SpanRecord): void {
    this.#publish(this.#translator.ended(span))
  }

  /** Ended spans that arrive together, in any order: all are made known before the first is translated. */
  spansEnded(spans: readonly SpanRecord[]): void {
    for (const span of spans) this.#translator.enter(span)
    for (const span of childrenFirst(spans)) this.spanEnded(span)
  }

  #publish(events: readonly AurenEvent[]): void {
    if (events.length === 0) return
    for (const metrics of this.#metrics) for (const event of events) metrics.record(event)
    for (const sink of this.#sinks) sink.write(events)
  }
}
