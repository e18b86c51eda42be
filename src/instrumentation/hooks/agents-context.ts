import { AsyncLocalStorage } from 'node:async_hooks'
import { context, createContextKey } from '@opentelemetry/api'
import type { Context, Span } from '@opentelemetry/api'

/** A span of the Agents SDK, as far as its context shows it. */
interface ContextSpan {
  readonly spanId: string
  readonly previousSpan?: ContextSpan | undefined
}

/** What the SDK keeps in its storage; it changes `span` while spans come and go. */
interface TracingState {
  readonly active: boolean
  readonly trace?: { readonly traceId: string }
  readonly span?: ContextSpan
}

/** `TracingContextStorage` of `@openai/agents-core` 0.20. */
export interface TracingContextStorage {
  run<T>(state: TracingState | undefined, work: () => T): T
  getStore(): TracingState | undefined
  enterWith(state: TracingState | undefined): void
}

/** Finds the OpenTelemetry span of a span or trace of the SDK. */
export interface SpanFinder {
  find(id: string): Span | undefined
}

/** The SDK's storage with OpenTelemetry's context along: what runs inside of a step has the step's span above it. */
export function agentsContextStorage(spans: SpanFinder): TracingContextStorage {
  const storage = new AsyncLocalStorage<TracingState | undefined>()
  return {
    getStore: () => storage.getStore(),
    enterWith: (state) => storage.enterWith(state),
    run: (state, work) =>
      storage.run(state, () => {
        const current = () => (state?.active ? currentSpan(state, spans) : undefined)
        return context.with(new AgentsContext(context.active(), current), work)
      }),
  }
}

/** The nearest step that has a span: not each has one. */
function currentSpan(state: TracingState, spans: SpanFinder): Span | undefined {
  for (let step = state.span; step !== undefined; step = step.previousSpan) {
    const span = spans.find(step.spanId)
    if (span !== undefined) return span
  }
  return state.trace && spans.find(state.trace.traceId)
}

/** The key under which the API keeps the active span. Keys of the same name are the same. */
const spanKey = createContextKey('OpenTelemetry Context Key SPAN')

/** A context whose active span is the SDK's current step, whichever that is when somebody asks. */
class AgentsContext implements Context {
  readonly #base: Context
  readonly #current: () => Span | undefined

  constructor(base: Context, current: () => Span | undefined) {
    this.#base = base
    this.#current = current
  }

  getValue(key: symbol): unknown {
    return (key === spanKey ? this.#current() : undefined) ?? this.#base.getValue(key)
  }

  setValue(key: symbol, value: unknown): Context {
    const base = this.#base.setValue(key, value)
    return key === spanKey ? base : new AgentsContext(base, this.#current)
  }

  deleteValue(key: symbol): Context {
    const base = this.#base.deleteValue(key)
    return key === spanKey ? base : new AgentsContext(base, this.#current)
  }
}
