import { metrics } from '@opentelemetry/api'
import type { TracerProvider } from '@opentelemetry/api'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import type { MeterProvider } from '@opentelemetry/sdk-metrics'
import type { SpanProcessor } from '@opentelemetry/sdk-trace'
import { capturesContent } from '../exporters/export-options.ts'
import { observeRuntime } from '../exporters/runtime-metrics.ts'
import { AurenSpanProcessor } from '../exporters/span-processor.ts'
import { warn } from '../exporters/warn.ts'
import { setContentCapture } from './content-capture.ts'
import { ownPackages } from './application-packages.ts'
import { hookEsModules } from './esm-hooks.ts'
import { installedInstrumentations } from './installed-instrumentations.ts'
import type { InstalledInstrumentation } from './installed-instrumentations.ts'
import { guardPatches } from './guarded-patches.ts'
import { countItems } from './memory-items.ts'
import { reachableAddress } from './metrics-address.ts'
import { PrometheusEndpoint } from './prometheus-endpoint.ts'
import { flushEachRun } from './run-flush.ts'
import { createMeterProvider, processResource, pushesMetrics, startSdk } from './sdk.ts'
import type { RunningSdk } from './sdk.ts'
import { SpanSources } from './span-sources.ts'
import { flushesEachRun, isDisabled, prometheusAddress } from './start-options.ts'
import type { AurenOptions } from './start-options.ts'
import { attachProcessor, registeredProvider, yieldToLaterProvider } from './tracer-provider.ts'
import { withoutGenAiMetrics } from './without-gen-ai-metrics.ts'

export interface AurenHandle {
  /** URL of this process's metrics, once the port is open; undefined when they are not served. */
  readonly metricsUrl: Promise<string | undefined>
  /** Resolves when everything published so far is written, or after 5 s. Never rejects. */
  flush(): Promise<void>
  /** Writes what is left within 5 s and ends everything that was started. Safe to call again; never rejects. */
  shutdown(): Promise<void>
}

const inert: AurenHandle = {
  metricsUrl: Promise.resolve(undefined),
  flush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
}

let running: AurenHandle | undefined

/**
 * Starts observing this process: spans become AUREN events on the stream, and metrics for Prometheus. Joins the tracer
 * provider that is registered, or makes way for one that is registered later; where there is none, it starts the
 * OpenTelemetry SDK with what the standard `OTEL_…` variables say. Called again, it returns what runs. Never throws: what
 * cannot be done is one warning. `AUREN_DISABLED=true` or `OTEL_SDK_DISABLED=true` turns it off.
 */
export function startAuren(options: AurenOptions = {}): AurenHandle {
  if (isDisabled(process.env)) return inert
  try {
    running ??= start(options)
    return running
  } catch (error) {
    warn('AUREN could not start and does not observe this process', error)
    return inert
  }
}

function start(options: AurenOptions): AurenHandle {
  setContentCapture(capturesContent(options, process.env))
  const sdk = registeredProvider() === undefined ? startSdk(options) : undefined
  const address = prometheusAddress(options.prometheus, process.env)
  const endpoint = address === false ? undefined : new PrometheusEndpoint(address)
  const resource = processResource(options)
  const meters = endpoint && createMeterProvider(resource, endpoint.reader)
  const meterProviders = meters ? [meters, metrics.getMeterProvider()] : [metrics.getMeterProvider()]
  const processor = new AurenSpanProcessor({ ...options, meterProviders })
  if (flushesEachRun(options, process.env)) flushEachRun(() => processor.forceFlush())
  const sources = new SpanSources(observeLibraries(options), meterProviders)
  join([processor, sources], sdk !== undefined)
  const metricsUrl = endpoint?.listen() ?? Promise.resolve(undefined)
  const service = String(resource.attributes['service.name'])
  if (address) void announce(processor, service, metricsUrl, address.told)
  return { metricsUrl, ...handle(processor, sources, sdk, endpoint, meters) }
}

/** Lets Prometheus find this process by way of the gateways, where it can be reached. */
async function announce(
  processor: AurenSpanProcessor,
  service: string,
  metricsUrl: Promise<string | undefined>,
  told: string | undefined,
): Promise<void> {
  try {
    const url = await metricsUrl
    const address = url && reachableAddress(new URL(url), told)
    if (address) processor.announce({ address, service })
  } catch (error) {
    warn('Gateways are not told where the metrics of this process are', error)
  }
}

/** Sets the instrumentations to work. Returns the scopes of their spans. */
function observeLibraries({ instrumentations = [] }: AurenOptions): string[] {
  installed ??= hookInstalled()
  const given = new Set(instrumentations.map(({ instrumentationName }) => instrumentationName))
  // Two of a kind would both wrap the library, and the later one unwrap the other.
  const isReplaced = ({ instrumentation }: InstalledInstrumentation) => given.has(instrumentation.instrumentationName)
  for (const { instrumentation } of installed.filter(isReplaced)) instrumentation.disable()
  const used = installed.filter((one) => !isReplaced(one))
  instrumentations.forEach(countItems)
  registerInstrumentations({
    instrumentations: [...used.map(({ instrumentation }) => instrumentation), ...instrumentations],
    meterProvider: withoutGenAiMetrics(metrics.getMeterProvider()),
  })
  return [...used.map(({ known }) => known.scope), ...given]
}

/** Once in a process: what is hooked stays hooked, and twice would count twice. */
let installed: readonly InstalledInstrumentation[] | undefined

function hookInstalled(): readonly InstalledInstrumentation[] {
  const found = installedInstrumentations(ownPackages(), process.env)
  for (const { instrumentation } of found) {
    guardPatches(instrumentation)
    countItems(instrumentation)
  }
  hookEsModules(found)
  return found
}

function join(processors: readonly SpanProcessor[], provisional: boolean): void {
  const attach = (provider: TracerProvider) => processors.every((processor) => attachProcessor(provider, processor))
  const provider = registeredProvider()
  const hint = 'pass new AurenSpanProcessor() to your provider as one of its span processors'
  if (provider === undefined || !attach(provider)) warn(`AUREN cannot join the tracer provider; ${hint}`)
  if (provisional) yieldToLaterProvider((later) => void attach(later))
}

function handle(
  processor: AurenSpanProcessor,
  sources: SpanSources,
  sdk: RunningSdk | undefined,
  endpoint: PrometheusEndpoint | undefined,
  meters: MeterProvider | undefined,
): Omit<AurenHandle, 'metricsUrl'> {
  let ended: Promise<void> | undefined
  const pushed = sdk !== undefined && pushesMetrics(process.env) ? [metrics.getMeterProvider()] : []
  const ends = [...(meters ? [meters] : []), ...pushed].map(observeRuntime)
  const end = async () => {
    flushEachRun(undefined)
    for (const end of ends) end()
    await processor.shutdown()
    await Promise.allSettled([sources.shutdown(), sdk?.shutdown(), meters?.shutdown(), endpoint?.close()])
    running = undefined
  }
  return {
    flush: () => processor.forceFlush(),
    shutdown: () => (ended ??= end()),
  }
}
