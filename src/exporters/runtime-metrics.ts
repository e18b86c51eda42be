import type { MeterProvider } from '@opentelemetry/api'
import { AggregationType } from '@opentelemetry/sdk-metrics'
import type { ViewOptions } from '@opentelemetry/sdk-metrics'
import { warn } from './warn.ts'

/** Sizes of each heap space are fifty series a process that no board shows; what is used of them stays. */
export const runtimeViews: ViewOptions[] = ['v8js.memory.heap.space.*', 'v8js.resource.active'].map(
  (instrumentName) => ({ instrumentName, aggregation: { type: AggregationType.DROP } }),
)

/**
 * Event loop, garbage collection and heap of this process under the conventions' names (`nodejs.eventloop.*`, `v8js.*`).
 * The library is loaded after the start, since nobody waits for these figures. Returns a function that ends it.
 */
export function observeRuntime(provider: MeterProvider): () => void {
  const loading = import('@opentelemetry/instrumentation-runtime-node').then(({ RuntimeNodeInstrumentation }) => {
    const instrumentation = new RuntimeNodeInstrumentation()
    instrumentation.setMeterProvider(provider)
    return instrumentation
  })
  loading.catch((error: unknown) => warn('figures of the Node runtime are not among the metrics', error))
  return () => void loading.then((instrumentation) => instrumentation.disable()).catch(() => undefined)
}
