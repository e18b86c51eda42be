import type { MeterProvider } from '@opentelemetry/api'
import { instruments, labels, scopeName } from './metric-names.ts'
import { writerStates } from './writer-stats.ts'
import type { WriterStats } from './writer-stats.ts'

const { written, dropped, retries, adopted, state, ...sizes } = instruments.exporter
type Instrument = (typeof instruments.exporter)[keyof typeof instruments.exporter]

/** The state of an event writer as metrics, read when somebody scrapes. Returns a function that ends it. */
export function observeWriter(provider: MeterProvider, stats: () => WriterStats): () => void {
  const meter = provider.getMeter(scopeName)
  const counter = (of: Instrument) => meter.createObservableCounter(of.name, of)
  const gauge = (of: Instrument) => meter.createObservableGauge(of.name, of)
  const observed = {
    written: counter(written),
    dropped: counter(dropped),
    retries: counter(retries),
    adopted: counter(adopted),
    state: gauge(state),
    queueSize: gauge(sizes.queueSize),
    queueCapacity: gauge(sizes.queueCapacity),
    queueBytes: gauge(sizes.queueBytes),
    spoolSize: gauge(sizes.spoolSize),
    spoolBytes: gauge(sizes.spoolBytes),
  }
  const callback: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    const now = stats()
    result.observe(observed.written, now.written)
    result.observe(observed.retries, now.retries)
    result.observe(observed.adopted, now.adopted)
    result.observe(observed.queueSize, now.queuedEvents)
    result.observe(observed.queueCapacity, now.capacityEvents)
    result.observe(observed.queueBytes, now.queuedBytes)
    result.observe(observed.spoolSize, now.spooledEvents)
    result.observe(observed.spoolBytes, now.spooledBytes)
    for (const name of writerStates)
      result.observe(observed.state, Number(now.state === name), { [labels.exporterState]: name })
    for (const [reason, events] of Object.entries(now.dropped))
      result.observe(observed.dropped, events, { [labels.dropReason]: reason })
  }
  meter.addBatchObservableCallback(callback, Object.values(observed))
  return () => meter.removeBatchObservableCallback(callback, Object.values(observed))
}
