import type { MeterProvider } from '@opentelemetry/api'
import type { WriterStats } from './event-writer.ts'
import { instruments, labels, scopeName } from './metric-names.ts'

/** The state of an event writer as metrics, read when somebody scrapes. Returns a function that ends it. */
export function observeWriter(provider: MeterProvider, stats: () => WriterStats): () => void {
  const meter = provider.getMeter(scopeName)
  const { written, dropped, retries, queueSize, queueCapacity, queueBytes } = instruments.exporter
  const counter = (of: typeof written | typeof dropped | typeof retries) => meter.createObservableCounter(of.name, of)
  const gauge = (of: typeof queueSize | typeof queueCapacity | typeof queueBytes) =>
    meter.createObservableGauge(of.name, of)
  const observed = {
    written: counter(written),
    dropped: counter(dropped),
    retries: counter(retries),
    size: gauge(queueSize),
    capacity: gauge(queueCapacity),
    bytes: gauge(queueBytes),
  }
  const callback: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    const now = stats()
    result.observe(observed.written, now.written)
    result.observe(observed.retries, now.retries)
    result.observe(observed.size, now.queuedEvents)
    result.observe(observed.capacity, now.capacityEvents)
    result.observe(observed.bytes, now.queuedBytes)
    for (const [reason, events] of Object.entries(now.dropped)) {
      result.observe(observed.dropped, events, { [labels.dropReason]: reason })
    }
  }
  meter.addBatchObservableCallback(callback, Object.values(observed))
  return () => meter.removeBatchObservableCallback(callback, Object.values(observed))
}
