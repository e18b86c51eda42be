// What the streams cost beside the bare client library: `npm run bench:streams`. Redis and the broker are real and of the run's own;
// ways take turns, so that the ratios hold on a busy machine, too. Without Java or Maven there is no Kafka in it, and it says so.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Admin } from '@platformatic/kafka'
import type { AurenEvent } from '../src/events/event.ts'
import { openStream } from '../src/streams/open-stream.ts'
import { startBroker } from '../test/kafka/broker.ts'
import { prepareKafka } from '../test/kafka/kafka-software.ts'
import { anEvent } from './gateway/events.ts'
import { RedisProcess } from './gateway/redis.ts'
import type { Bare } from './streams/bare.ts'
import { bareKafka } from './streams/bare-kafka.ts'
import { bareRedis } from './streams/bare-redis.ts'
import { bareSqlite } from './streams/bare-sqlite.ts'

const rounds = 3
const [count, batch, pings] = [10_000, 100, 200]

const events = Array.from({ length: count }, (_, at) => anEvent(at))

interface Measured {
  readonly append: Cost
  readonly tail: Cost
  /** Milliseconds from an append until a waiting reader has the event: median and 99th percentile. */
  readonly wake: readonly [p50: number, p99: number] | undefined
}

interface Cost {
  readonly seconds: number
  readonly cpuSeconds: number
}

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const [began, cpu] = [performance.now(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(cpu)
  return { seconds: (performance.now() - began) / 1_000, cpuSeconds: (user + system) / 1e6 }
}

async function inBatches(append: (events: readonly AurenEvent[]) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < count; at += batch) await append(events.slice(at, at + batch))
}

/** Appends one event at a time, and waits until it came back. */
async function wakes(append: (event: AurenEvent) => Promise<unknown>, came: () => Promise<unknown>) {
  const delays: number[] = []
  for (const event of events.slice(0, pings)) {
    const [began, coming] = [performance.now(), came()]
    await append(event)
    await coming
    delays.push(performance.now() - began)
  }
  delays.sort((a, b) => a - b)
  return [delays[pings / 2] ?? NaN, delays[Math.floor(pings * 0.99)] ?? NaN] as const
}

async function measureOurs(url: string): Promise<Measured> {
  const [stream, reader] = [await openStream(url), await openStream(url)]
  await stream.append(events.slice(0, 1))
  const { last: first } = await stream.info()
  const append = await costOf(() => inBatches((some) => stream.append(some)))
  const tail = await costOf(async () => {
    for (let [left, at] = [count, first]; left > 0;) {
      const page = await reader.read(at)
      left -= page.entries.length
      at = page.next
    }
  })
  let { last } = await stream.info()
  const wake = await wakes(
    (event) => stream.append([event]),
    async () => (last = (await reader.read(last, { waitMs: 10_000 })).next),
  )
  await Promise.all([stream.close(), reader.close()])
  return { append, tail, wake }
}

async function measureBare(bare: Bare): Promise<Measured> {
  await bare.append(events.slice(0, 1))
  const append = await costOf(() => inBatches((some) => bare.append(some)))
  const readAll = await bare.openTail()
  const tail = await costOf(() => readAll(count))
  let came = Promise.withResolvers<void>()
  await bare.follow?.(() => came.resolve())
  const wake = bare.follow && (await wakes((event) => bare.append([event]), () => (came = Promise.withResolvers()).promise)) // prettier-ignore
  await bare.close()
  return { append, tail, wake }
}

interface Contender {
  readonly name: string
  readonly ours: () => Promise<Measured>
  readonly bare: () => Promise<Measured>
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

async function contest({ name, ours, bare }: Contender): Promise<void> {
  const [we, they]: [Measured[], Measured[]] = [[], []]
  // The first round warms both up.
  for (let round = 0; round <= rounds; round += 1) {
    const [a, b] = round % 2 === 0 ? [await ours(), await bare()] : [await bare(), await ours()].reverse()
    if (round === 0 || a === undefined || b === undefined) continue
    we.push(a)
    they.push(b)
  }
  const ratio = (of: (measured: Measured) => number) => median(we.map((a, i) => of(a) / of(they[i] as Measured))).toFixed(2) // prettier-ignore
  for (const part of ['append', 'tail'] as const) {
    const perSecond = Math.round(count / median(we.map((one) => one[part].seconds)))
    const cpu = Math.round((median(we.map((one) => one[part].cpuSeconds)) / count) * 1e6)
    console.log(
      `${name.padEnd(7)} ${part.padEnd(7)} ${String(perSecond).padStart(7)} events/s, ${String(cpu).padStart(3)} µs CPU each; ` +
        `time × ${ratio((one) => one[part].seconds)}, CPU × ${ratio((one) => one[part].cpuSeconds)} of the library alone`,
    )
  }
  const [p50, p99] = [0, 1].map((at) => median(we.map(({ wake }) => wake?.[at] ?? NaN)).toFixed(1))
  const bareWake = they[0]?.wake === undefined ? 'the library cannot wait' : `p50 × ${ratio(({ wake }) => wake?.[0] ?? NaN)} of the library alone` // prettier-ignore
  console.log(`${name.padEnd(7)} wake    p50 ${p50} ms, p99 ${p99} ms; ${bareWake}`)
}

console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, load before ${loadavg()[0]?.toFixed(1)}, median of ${rounds} rounds`) // prettier-ignore
console.log(`${count} events in appends of ${batch}; tail in pages of 500, decoded and checked by us only`)
const folder = mkdtempSync(join(tmpdir(), 'auren-bench-'))
const file = () => join(folder, `${randomUUID()}.db`)
await contest({
  name: 'sqlite',
  ours: () => measureOurs(`sqlite:${file()}?maxlen=100000`),
  bare: () => measureBare(bareSqlite(file())),
})
rmSync(folder, { recursive: true, force: true })

const redis = new RedisProcess()
await redis.start()
await contest({
  name: 'redis',
  ours: () => measureOurs(`${redis.url}?stream=${randomUUID()}&maxlen=100000`),
  bare: () => measureBare(bareRedis(redis.url, randomUUID())),
})
await redis.close()

const trouble = prepareKafka()
if (trouble === undefined) await contestOfKafka()
else console.log(`kafka was NOT measured: ${trouble}`)

async function contestOfKafka(): Promise<void> {
  const broker = await startBroker()
  const admin = new Admin({ clientId: 'bench', bootstrapBrokers: [broker.address], retries: 10, retryDelay: 100 })
  const bare = async () => {
    const topic = randomUUID()
    await admin.createTopics({ topics: [topic], partitions: 3 })
    return measureBare(bareKafka(broker.address, topic))
  }
  try {
    await contest({ name: 'kafka', ours: () => measureOurs(`kafka://${broker.address}/${randomUUID()}`), bare })
  } finally {
    await admin.close()
    await broker.remove()
  }
}
