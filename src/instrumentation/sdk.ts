import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  defaultResource,
  detectResources,
  envDetector,
  processDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources'
import type { Resource, ResourceDetector } from '@opentelemetry/resources'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import type { MetricReader } from '@opentelemetry/sdk-metrics'
import type * as SdkNode from '@opentelemetry/sdk-node'
import { NoopSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { warn } from '../exporters/warn.ts'
import { runtimeViews } from '../exporters/runtime-metrics.ts'
import { registeredProvider } from './tracer-provider.ts'
import { asksForSdkNode, otherExporters } from './start-options.ts'
import type { AurenOptions } from './start-options.ts'

/**
 * GenAI spans carry messages and token counts in flattened keys; past the SDK's limit of 128 attributes the counts, which
 * are set last, are dropped without a word. `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT` overrides it.
 */
const attributeCountLimit = 1_024

/** An OpenTelemetry SDK that is registered as the one of this process. */
export interface RunningSdk {
  shutdown(): Promise<void>
}

/**
 * Starts the OpenTelemetry SDK for an application that has none: `@opentelemetry/sdk-node` where a standard variable asks for
 * what only it understands, else the same parts without the exporters it brings, which are half of a start.
 */
export function startSdk(options: AurenOptions): RunningSdk {
  return asksForSdkNode(process.env) ? startSdkNode(options) : startTracing(options)
}

/** The SDK makes no provider without a processor; ours joins it afterwards, as it joins any other. */
const placeholder = () => [new NoopSpanProcessor()]

function startTracing(options: AurenOptions): RunningSdk {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  )
  return registerProvider(options)
}

function registerProvider(options: AurenOptions): TracerProvider {
  const resource = resourceOf(options, [serviceInstanceIdDetector, processDetector, envDetector])
  const provider = new TracerProvider({
    resource,
    spanLimits: { attributeCountLimit },
    spanProcessors: placeholder(),
  })
  trace.setGlobalTracerProvider(provider)
  return provider
}

/** Traces, metrics and logs go where the variables say and nowhere else: left alone the SDK would try a collector on this machine. */
function startSdkNode(options: AurenOptions): RunningSdk {
  const { serviceName } = options
  const env = process.env
  // Starting is synchronous. The file is the one for `import`, which shares what is loaded already.
  const file = fileURLToPath(import.meta.resolve('@opentelemetry/sdk-node'))
  const { NodeSDK } = createRequire(import.meta.url)(file) as typeof SdkNode
  const create = () =>
    new NodeSDK({
      ...(serviceName === undefined ? {} : { serviceName }),
      ...(env['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT'] ? {} : { spanLimits: { attributeCountLimit } }),
      ...(sendsTraces(env) ? {} : { spanProcessors: placeholder() }),
      ...(pushesMetrics(env) ? { views: runtimeViews } : { metricReaders: [] }),
      ...(otherExporters(env['OTEL_LOGS_EXPORTER']).length > 0 ? {} : { logRecordProcessors: [] }),
    })
  const sdk = withoutPrometheus(env, create)
  sdk.start()
  return registeredProvider() === undefined ? withProvider(sdk, options) : sdk
}

/** Where no exporter is one that it knows, the SDK makes no provider: nothing would be seen for a misspelt word. */
function withProvider(sdk: RunningSdk, options: AurenOptions): RunningSdk {
  warn('OTEL_TRACES_EXPORTER names no exporter that OpenTelemetry has; spans go to the stream alone')
  const provider = registerProvider(options)
  return { shutdown: async () => void (await Promise.allSettled([sdk.shutdown(), provider.shutdown()])) }
}

/** The SDK would serve a page of its own, under the names without units, on the port of ours. It asks the environment alone. */
function withoutPrometheus<T>(env: NodeJS.ProcessEnv, create: () => T): T {
  const named = env['OTEL_METRICS_EXPORTER']
  if (named === undefined) return create()
  env['OTEL_METRICS_EXPORTER'] = otherExporters(named).join()
  try {
    return create()
  } finally {
    env['OTEL_METRICS_EXPORTER'] = named
  }
}

/** Whether the SDK that is started here sends metrics somewhere, besides the page of this process. */
export function pushesMetrics(env: NodeJS.ProcessEnv): boolean {
  return otherExporters(env['OTEL_METRICS_EXPORTER']).length > 0
}

function sendsTraces(env: NodeJS.ProcessEnv): boolean {
  const named = env['OTEL_TRACES_EXPORTER']?.trim()
  if (named) return otherExporters(named).length > 0
  return Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'])
}

/** The meter provider behind this process's metrics page. It is not registered, so that the application's own can be. */
export function createMeterProvider(resource: Resource, reader: MetricReader): MeterProvider {
  return new MeterProvider({ resource, readers: [reader], views: runtimeViews })
}

/** What is known of this process without asking it. */
export function processResource(options: AurenOptions): Resource {
  return resourceOf(options, [envDetector])
}

function resourceOf({ serviceName }: AurenOptions, detectors: ResourceDetector[]): Resource {
  const detected = defaultResource().merge(detectResources({ detectors }))
  return serviceName === undefined ? detected : detected.merge(resourceFromAttributes({ 'service.name': serviceName }))
}
