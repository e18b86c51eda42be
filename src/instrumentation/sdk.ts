import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import type { MetricReader } from '@opentelemetry/sdk-metrics'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { NoopSpanProcessor } from '@opentelemetry/sdk-trace'
import { runtimeViews } from '../exporters/runtime-metrics.ts'
import { otherExporters } from './start-options.ts'
import type { AurenOptions } from './start-options.ts'

/**
 * GenAI spans carry messages and token counts in flattened keys; past the SDK's limit of 128 attributes the counts, which
 * are set last, are dropped without a word. `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT` overrides it.
 */
const attributeCountLimit = 1_024

/**
 * The OpenTelemetry SDK for an application that has none. Traces, metrics and logs go where the standard variables say and
 * nowhere else: without them the SDK would try an OTLP collector on this machine.
 */
export function createSdk({ serviceName }: AurenOptions): NodeSDK {
  const env = process.env
  return new NodeSDK({
    ...(serviceName === undefined ? {} : { serviceName }),
    ...(env['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT'] ? {} : { spanLimits: { attributeCountLimit } }),
    // The SDK makes no provider without a processor; ours joins it afterwards, as it joins any other.
    ...(sendsTraces(env) ? {} : { spanProcessors: [new NoopSpanProcessor()] }),
    ...(otherExporters(env['OTEL_METRICS_EXPORTER']).length > 0 ? {} : { metricReaders: [] }),
    ...(otherExporters(env['OTEL_LOGS_EXPORTER']).length > 0 ? {} : { logRecordProcessors: [] }),
  })
}

function sendsTraces(env: NodeJS.ProcessEnv): boolean {
  const named = env['OTEL_TRACES_EXPORTER']?.trim()
  if (named) return otherExporters(named).length > 0
  return Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'])
}

/** The meter provider behind this process's metrics page. It is not registered, so that the application's own can be. */
export function createMeterProvider({ serviceName }: AurenOptions, reader: MetricReader): MeterProvider {
  const detected = defaultResource().merge(detectResources({ detectors: [envDetector] }))
  const resource =
    serviceName === undefined ? detected : detected.merge(resourceFromAttributes({ 'service.name': serviceName }))
  return new MeterProvider({ resource, readers: [reader], views: runtimeViews })
}
