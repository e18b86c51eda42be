// What the stages between a span and its bytes take, in one process without Redis: `npm run bench:stages`. Tenths from the
// fastest rounds, in which nothing else had the processor.
import { serialize } from 'node:v8'
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { AurenEvent } from '../../src/events/event.ts'
import { EventQueue } from '../../src/exporters/event-queue.ts'
import { toSpanRecord } from '../../src/exporters/readable-span.ts'
import { RunHeartbeats } from '../../src/exporters/run-heartbeats.ts'
import { RedisCommands } from '../../src/streams/redis-commands.ts'
import { Xadd } from '../../src/streams/redis-xadd.ts'
import { loadPriceTable } from '../../src/translate/price-table.ts'
import { SpanTranslator } from '../../src/translate/span-to-events.ts'
import { runAgent, spansPerRun } from './spans.ts'

const runsPerRound = 25
const [warmUp, rounds] = [600, 1_200]

type Phase = 'start' | 'end'
const noted: { readonly phase: Phase; readonly span: ReadableSpan }[] = []
const note = (phase: Phase) => (span: ReadableSpan) => void noted.push({ phase, span })
const nothing = () => Promise.resolve()
const recorder = { onStart: note('start'), onEnd: note('end'), forceFlush: nothing, shutdown: nothing }

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const tracer = new TracerProvider({ spanProcessors: [recorder] }).getTracer('bench')
loadPriceTable()
const translator = new SpanTranslator({ captureContent: false, tenantId: null })
const heartbeats = new RunHeartbeats(10_000)
const queue = new EventQueue({ maxBytes: 2 ** 30, maxEvents: 10_000 })
const xadd = new Xadd('auren:events', 50_000)

const micros = new Map<string, number[]>()
function stage<T>(name: string, work: () => T): T {
  const began = performance.now()
  const result = work()
  const taken = ((performance.now() - began) * 1_000) / (runsPerRound * spansPerRun)
  micros.set(name, [...(micros.get(name) ?? []), taken])
  return result
}

function encode(events: readonly AurenEvent[]): void {
  const commands = new RedisCommands()
  for (const event of events) xadd.add(commands, event)
}

let made = 0
function round(): void {
  stage('making the spans', () => {
    for (let i = 0; i < runsPerRound; i += 1) runAgent(tracer, made++)
  })
  stage('a copy for a thread', () => serialize(noted.map(({ phase, span }) => toSpanRecord(span, phase))))
  const events = stage('translating them', () =>
    noted.splice(0).flatMap(({ phase, span }) => {
      const record = toSpanRecord(span, phase)
      return phase === 'start' ? translator.started(record) : translator.ended(record)
    }),
  )
  stage('noting open runs', () => events.forEach((event) => heartbeats.observe(event)))
  stage('queue, in and out', () => {
    for (const event of events) queue.add(event)
    queue.remove(queue.front(Infinity, Infinity).length)
  })
  stage('encoding the events', () => encode(events))
  stage('  of which JSON', () =>
    events.map((event) =>
      [event.payload, event.metadata, event.performance_metrics].map((part) => JSON.stringify(part)),
    ),
  )
}

for (let i = 0; i < warmUp; i += 1) round()
micros.clear()
for (let i = 0; i < rounds; i += 1) round()
for (const [name, values] of micros) {
  const tenth = values.toSorted((a, b) => a - b)[Math.floor(values.length / 10)] ?? NaN
  console.log(`${name.padEnd(20)} ${tenth.toFixed(1).padStart(5)} µs a span`)
}
