import type { MeterProvider } from '@opentelemetry/api'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { instruments, labels, scopeName } from '../exporters/metric-names.ts'

/** Scopes counted apart; spans of later ones are counted as `other`. */
const maxScopes = 200

/**
 * Counts spans by the scope that makes them, as a metric: 0 says that an instrumentation is at work and has seen nothing, no
 * value that it is not there. `auren doctor` reads it from the metrics page, so that it learns of a process what the stream,
 * which may be what is broken, cannot tell.
 */
export class SpanSources implements SpanProcessor {
  readonly #spans: Map<string, number>
  readonly #ends: (() => void)[]

  constructor(scopes: readonly string[], providers: readonly MeterProvider[]) {
    this.#spans = new Map(scopes.map((scope) => [scope, 0]))
    this.#ends = providers.map((provider) => this.#observe(provider))
  }

  onStart(span: ReadableSpan): void {
    const { name } = span.instrumentationScope
    const scope = this.#spans.has(name) || this.#spans.size < maxScopes ? name : 'other'
    this.#spans.set(scope, (this.#spans.get(scope) ?? 0) + 1)
  }

  onEnd(): void {
    // It was counted when it began.
  }

  forceFlush(): Promise<void> {
    return Promise.resolve()
  }

  shutdown(): Promise<void> {
    for (const end of this.#ends) end()
    return Promise.resolve()
  }

  #observe(provider: MeterProvider): () => void {
    const { name, ...options } = instruments.sourceSpans
    const counter = provider.getMeter(scopeName).createObservableCounter(name, options)
    const callback: Parameters<typeof counter.addCallback>[0] = (result) => {
      for (const [scope, spans] of this.#spans) result.observe(spans, { [labels.source]: scope })
    }
    counter.addCallback(callback)
    return () => counter.removeCallback(callback)
  }
}
