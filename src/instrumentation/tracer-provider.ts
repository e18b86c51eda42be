import { createRequire } from 'node:module'
import { trace } from '@opentelemetry/api'
import type { TraceAPI, TracerProvider } from '@opentelemetry/api'
import type { SpanProcessor } from '@opentelemetry/sdk-trace'

/** The parts of a provider that take a processor after construction, by SDK line; none of them is public in 2.x and 3.x. */
interface ProcessorHost {
  /** 1.x */
  addSpanProcessor?: (processor: SpanProcessor) => void
  /** 2.x and 3.x */
  _activeSpanProcessor?: { _spanProcessors?: SpanProcessor[] }
}

/** The provider that the application registered, or undefined when there is none yet. */
export function registeredProvider(): TracerProvider | undefined {
  const global = trace.getTracerProvider() as TracerProvider & { getDelegate?: () => TracerProvider }
  const provider = global.getDelegate?.() ?? global
  return provider.constructor.name === 'NoopTracerProvider' ? undefined : provider
}

/** Adds a processor to a running provider. False when this provider has no place for one. */
export function attachProcessor(provider: TracerProvider, processor: SpanProcessor): boolean {
  const host = provider as ProcessorHost
  const running = host._activeSpanProcessor?._spanProcessors
  if (Array.isArray(running)) {
    if (!running.includes(processor)) running.push(processor)
    return true
  }
  if (typeof host.addSpanProcessor !== 'function') return false
  host.addSpanProcessor(processor)
  return true
}

/**
 * Makes way when the application registers a provider of its own after ours, as it does when we were loaded with
 * `--import`: OpenTelemetry would refuse it, and the application's other exporters would get nothing. Ours is replaced and
 * the processor goes along.
 */
export function yieldToLaterProvider(adopt: (provider: TracerProvider) => void): void {
  const require = createRequire(import.meta.url)
  const copies = new Set<TraceAPI>([trace])
  // An application in CommonJS loads another copy of the API than one in ES modules.
  copies.add((require('@opentelemetry/api') as { trace: TraceAPI }).trace)
  for (const api of copies) {
    const register = api.setGlobalTracerProvider.bind(api)
    api.setGlobalTracerProvider = (provider) => {
      trace.disable()
      const registered = register(provider)
      if (registered) adopt(provider)
      return registered
    }
  }
}
