// An agent under one of several span processors, run as a process of its own by `npm run bench:exporter`. It makes so many
// spans at a steady rate and prints one line of JSON about what that cost this process.
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BatchSpanProcessor, NoopSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { SpanProcessor } from '@opentelemetry/sdk-trace'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { AurenSpanProcessor } from '../../src/exporters/span-processor.ts'
import { runAgent, spansPerRun } from './spans.ts'

const [variant = '', url = '', ratePerSecond = '2000', seconds = '4'] = process.argv.slice(2)

/** Milliseconds between bursts: an agent does several things at once, then waits for the network. */
const tickMs = 10
/** The first spans of the process, and how many of them a second. */
const [coldSpans, coldRate] = [15_000, 5_000]
const processors: Readonly<Record<string, () => SpanProcessor>> = {
  none: () => new NoopSpanProcessor(),
  otlp: () => new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }), maxQueueSize: 100_000 }),
  auren: () => new AurenSpanProcessor({ stream: url, spoolDir: false }),
}

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const processor = processors[variant]?.()
if (processor === undefined) throw new Error(`no variant ${variant}`)
const provider = new TracerProvider({ spanProcessors: [processor] })
const tracer = provider.getTracer('bench')

/** Makes spans in bursts, so many a second; returns the median time of the synchronous part, µs per span. */
async function work(spans: number, rate: number): Promise<number> {
  const bursts: number[] = []
  const runsPerTick = Math.max(1, Math.round((rate * tickMs) / 1_000 / spansPerRun))
  const began = performance.now()
  for (let made = 0, tick = 1; made < spans; tick += 1) {
    const start = performance.now()
    for (let i = 0; i < runsPerTick; i += 1) runAgent(tracer, made + i)
    bursts.push(((performance.now() - start) * 1_000) / (runsPerTick * spansPerRun))
    made += runsPerTick * spansPerRun
    await sleep(Math.max(1, began + tick * tickMs - performance.now()))
  }
  bursts.sort((a, b) => a - b)
  return bursts[Math.floor(bursts.length / 2)] ?? NaN
}

trace.setGlobalTracerProvider(provider)
const rate = Number(ratePerSecond)
const spans = rate * Number(seconds)

/** Work and the writing of what came of it; returns CPU time of the process, µs per span. */
async function cpuOf(spans: number, work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  await provider.forceFlush()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / spans
}

// An agent lives for hours: what it costs is measured when V8 has compiled what runs often, and what comes before apart.
const coldCpuMicros = await cpuOf(coldSpans, () => work(coldSpans, coldRate))
const delay = monitorEventLoopDelay({ resolution: 1 })
const rss = process.memoryUsage.rss()
let syncMicros = NaN
const cpuMicros = await cpuOf(spans, async () => {
  delay.enable()
  syncMicros = await work(spans, rate)
  delay.disable()
})
console.log(
  JSON.stringify({
    coldCpuMicros,
    cpuMicros,
    syncMicros,
    loopDelayP99Ms: delay.percentile(99) / 1e6,
    rssMb: process.memoryUsage.rss() / 1024 / 1024,
    rssGrowthMb: (process.memoryUsage.rss() - rss) / 1024 / 1024,
  }),
)
await provider.shutdown()
