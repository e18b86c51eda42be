import type { Counter, Histogram, MeterProvider } from '@opentelemetry/api'
import type { AurenEvent } from '../events/event.ts'
import { kpis, kpiSeverities } from './kpi.ts'
import { instruments, labels, scopeName } from './metric-names.ts'

/**
 * The figures of biometric readings as distributions over all athletes, and how many readings were of which severity.
 * A gauge for each athlete would need the athlete as a label.
 */
export class KpiMetrics {
  readonly #readings: Counter
  readonly #values: ReadonlyMap<string, Histogram>

  constructor(provider: MeterProvider) {
    const meter = provider.getMeter(scopeName)
    const { name, ...options } = instruments.kpiReadings
    this.#readings = meter.createCounter(name, options)
    this.#values = new Map(
      kpis.map(({ name, metric: { name: instrument, boundaries, ...options } }) => [
        name,
        meter.createHistogram(instrument, { ...options, advice: { explicitBucketBoundaries: boundaries } }),
      ]),
    )
  }

  /** Takes a `biometric_analysis`, `payload.current_values` being name → number; other names are left alone. */
  record({ payload }: AurenEvent): void {
    const values = payload['current_values']
    if (typeof values !== 'object' || values === null) return
    for (const kpi of kpis) {
      const value = (values as Readonly<Record<string, unknown>>)[kpi.name]
      if (typeof value !== 'number' || !Number.isFinite(value)) continue
      this.#values.get(kpi.name)?.record(value)
      const reached = kpi.severity(value)
      for (const severity of kpiSeverities) {
        this.#readings.add(severity === reached ? 1 : 0, { [labels.kpi]: kpi.name, [labels.kpiSeverity]: severity })
      }
    }
  }
}
