import { context, metrics } from '@opentelemetry/api'
import type { MeterProvider } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import type { EventStream } from '../streams/event-stream.ts'
import { openStream, streamUrls } from '../streams/open-stream.ts'
import { loadPriceTable } from '../translate/price-table.ts'
import { SpanTranslator } from '../translate/span-to-events.ts'
import { AurenEventMetrics } from './event-metrics.ts'
import { EventPipeline } from './event-pipeline.ts'
import type { EventSink } from './event-pipeline.ts'
import { EventWriter } from './event-writer.ts'
import { writeToAll } from './event-writers.ts'
import type { Writer } from './event-writers.ts'
import { contentOf, pricesOf, spoolOf, tenantOf } from './export-options.ts'
import type { AurenExportOptions } from './export-options.ts'
import type { Unfinished } from './process-end.ts'
import { ProcessHeartbeat } from './process-heartbeat.ts'
import type { MetricsEndpoint } from './process-heartbeat.ts'
import { processUsageSampler } from './process-usage.ts'
import { RunHeartbeats } from './run-heartbeats.ts'
import type { Spool } from './spool.ts'
import { describe, warn, warnOnce } from './warn.ts'
import { observeWriter } from './writer-metrics.ts'
import type { WriterState } from './writer-stats.ts'

/** Pipeline and writer of one process, as the span processor and the span exporter share them. */
export interface EventPublisher extends Unfinished {
  readonly pipeline: EventPipeline
  /** Tells gateways where this process can be scraped, until it is closed. */
  announce(endpoint: MetricsEndpoint): void
  /** Resolves when what was published is written, or after the time; says which. Never rejects. */
  flush(timeoutMs?: number): Promise<boolean>
  close(timeoutMs?: number): Promise<boolean>
}

/** A process has a heartbeat of its own as often as this many of a run's: it is there to be found, not to be watched. */
const idleIntervals = 3

export function createPublisher(options: AurenExportOptions): EventPublisher {
  const tenantId = tenantOf(options, process.env)
  const writer = writeToAll(streamsOf(options.stream).map((stream) => createWriter(stream, options, tenantId)))
  const intervalMs = options.heartbeatMs ?? 10_000
  const heartbeats = new RunHeartbeats(intervalMs)
  const life = new ProcessHeartbeat({
    intervalMs: intervalMs * idleIntervals,
    tenantId,
    write: (event) => writer.write([event]),
  })
  const providers = (options.meterProviders ?? [metrics.getMeterProvider()]).filter(records)
  const ends = providers.map((provider) => observeWriter(provider, () => writer.stats))
  const translator = new SpanTranslator({
    ...contentOf(options, process.env),
    tenantId,
    price: pricesOf(options, process.env),
    processUsage: processUsageSampler(),
    onOddSpan: warnOnce('A span could not be translated and was left out'),
  })
  const pipeline = new EventPipeline(
    translator,
    providers.map((provider) => new AurenEventMetrics(provider)),
    [writer, { write: (events) => events.forEach((event) => heartbeats.observe(event)) }, loadPricesInTime],
  )
  const timer = startHeartbeats(heartbeats, writer, intervalMs)
  return {
    pipeline,
    announce: (endpoint) => intervalMs > 0 && life.start(endpoint),
    flush: (timeoutMs) => writer.flush(timeoutMs),
    settle: (timeoutMs) => {
      life.farewell()
      return writer.settle(timeoutMs)
    },
    keep: () => writer.keep(),
    close: (timeoutMs) => {
      clearInterval(timer)
      life.stop()
      for (const end of ends) end()
      writer.write(heartbeats.farewell())
      return writer.close(timeoutMs)
    },
  }
}

/** What the API gives where no meter provider is registered keeps nothing, also when one is registered later. */
function records(provider: MeterProvider): boolean {
  return provider.constructor.name !== 'NoopMeterProvider'
}

/** While the first model call waits for its answer, the process has the time that the table of prices takes. */
const loadPricesInTime: EventSink = {
  write: (events) => {
    if (events.some(({ event_type: type }) => type === 'llm_call_started')) loadPriceTable()
  },
}

/** The streams to be written, each with a queue, retries and a spool of its own. */
function streamsOf(stream: AurenExportOptions['stream']): readonly (string | EventStream)[] {
  return typeof stream === 'object' ? (stream.parts ?? [stream]) : streamUrls(stream)
}

/** Writes run outside of every trace: an instrumented Redis client must not make spans about our spans. */
function createWriter(stream: string | EventStream, options: AurenExportOptions, tenantId: string | null): EventWriter {
  const { maxQueueBytes } = options
  const spool = spoolOf(stream, options, process.env)
  return new EventWriter({
    open: opener(stream),
    run: (work) => context.with(suppressTracing(context.active()), work),
    closesStream: typeof stream !== 'object',
    tenantId,
    spool,
    ...(maxQueueBytes === undefined ? {} : { maxQueueBytes }),
    onStateChange: (state, cause, diskCause) => warn(stateMessage(state, spool, cause, diskCause)),
  })
}

function stateMessage(state: WriterState, spool: Spool | undefined, cause: unknown, diskCause: unknown): string {
  if (state === 'writing') return 'AUREN events are written again'
  const why = cause === undefined ? 'it takes too long' : describe(cause)
  if (state === 'spooling') return `AUREN events cannot be written and wait in ${spool?.folder ?? 'the spool'}: ${why}`
  const disk = spool === undefined ? '' : `; the spool in ${spool.folder} cannot be used: ${describe(diskCause)}`
  return `AUREN events cannot be written and wait in memory: ${why}${disk}`
}

/** The driver is loaded while the process starts, so that its first event does not wait for it. */
function opener(stream: string | EventStream): () => Promise<EventStream> {
  if (typeof stream === 'object') return () => Promise.resolve(stream)
  const open = () => openStream(stream, { holdsProcess: false, countsAppends: false })
  let first: Promise<EventStream> | undefined = open()
  first.catch(() => (first = undefined))
  return () => first ?? open()
}

function startHeartbeats(heartbeats: RunHeartbeats, writer: Writer, intervalMs: number): NodeJS.Timeout | undefined {
  if (intervalMs <= 0) return undefined
  return setInterval(() => writer.write(heartbeats.beat()), heartbeats.lookMs).unref()
}
