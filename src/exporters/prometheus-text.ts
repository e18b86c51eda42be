import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { DataPointType } from '@opentelemetry/sdk-metrics'
import type { MetricData, MetricReader } from '@opentelemetry/sdk-metrics'

/** Content type of the text format 0.0.4, which Prometheus 2 and 3 both read. */
export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8'

/** Units that the OTLP → Prometheus translation spells out; exporter-prometheus 0.301 leaves them away (grafana.md §2.3). */
const unitSuffixes: Readonly<Record<string, string>> = { s: 'seconds', ms: 'milliseconds', h: 'hours', By: 'bytes' }

const serializer = new PrometheusSerializer(undefined, false, undefined, false, true)

/** What a reader collects, as Prometheus text with the unit suffixes that an OTLP push would give the same names. */
export async function prometheusText(reader: MetricReader): Promise<string> {
  const { resourceMetrics } = await reader.collect()
  const scopeMetrics = resourceMetrics.scopeMetrics.map((scope) => ({
    ...scope,
    metrics: scope.metrics.map(withUnitSuffix),
  }))
  return serializer.serialize({ ...resourceMetrics, scopeMetrics })
}

/** Name of an instrument on the page, without `_total`, `_bucket` and the like. */
export function prometheusName({ name, unit }: { readonly name: string; readonly unit: string }): string {
  return suffixed(name, unit).replaceAll('.', '_')
}

function withUnitSuffix(metric: MetricData): MetricData {
  const { name, unit } = metric.descriptor
  // Of what has no unit the translation marks gauges alone.
  const isRatio = unit === '1' && metric.dataPointType === DataPointType.GAUGE
  return { ...metric, descriptor: { ...metric.descriptor, name: isRatio ? `${name}.ratio` : suffixed(name, unit) } }
}

function suffixed(name: string, unit: string): string {
  const suffix = unitSuffixes[unit]
  return suffix === undefined || name.endsWith(`.${suffix}`) ? name : `${name}.${suffix}`
}
