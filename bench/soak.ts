// Hours of an ordinary life in minutes: `npm run soak -- --minutes 10` (default 5). A gateway over a Redis that is killed every
// minute, readers that come, go and stall, and one writer. It reports how memory and descriptors of the gateway went, and what
// any reader missed without being told; fails on that, on a repetition, and on descriptors that stay open.
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { GatewayOptions } from '../src/gateway/settings.ts'
import { openStream } from '../src/streams/open-stream.ts'
import { anEvent } from './gateway/events.ts'
import { reportOf } from './gateway/messages.ts'
import { RedisProcess } from './gateway/redis.ts'
import { child, order } from './gateway/setting.ts'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '5' } } })
const endMs = Number(values.minutes) * 60_000
const [readers, eventsPerSecond, sampleMs, restartMs] = [200, 20, 10_000, 60_000]

/** More than a gateway remembers: it is as large as it becomes before anything is measured. */
const before = 60_000

const redis = new RedisProcess({ durable: true })
await redis.start()
const stream = await openStream(redis.url)
let number = 0
const numbered = () => {
  const event = anEvent((number += 1))
  return { ...event, payload: { ...event.payload, number } }
}
while (number < before) await stream.append(Array.from({ length: 500 }, numbered))

// A window that is full at once, and so small that readers who come back read behind it.
const options: GatewayOptions = { windowBytes: 2 ** 20 }
const server = child('server.ts', 'auren', redis.url, JSON.stringify(options))
const { ready } = await reportOf(server, 'ready')
await sleep(5_000)
const crowd = child('../soak/readers.ts', ready, String(readers))
const usage = () => {
  order(server, { usage: 'memory' })
  return reportOf(server, 'heap')
}

const startedAt = performance.now()
const elapsed = () => performance.now() - startedAt
const samples: { readonly hours: number; readonly heap: number; readonly descriptors: number }[] = []
let restarts = 0

/** As a writer does: the same events again until they are taken. */
async function write(): Promise<void> {
  while (elapsed() < endMs) {
    const events = [numbered()]
    while (!(await stream.append(events).then(() => true, () => false))) await sleep(100) // prettier-ignore
    await sleep(1_000 / eventsPerSecond)
  }
}

async function restart(): Promise<void> {
  while (elapsed() + restartMs < endMs) {
    await sleep(restartMs)
    await redis.kill()
    await sleep(2_000)
    await redis.start()
    restarts += 1
  }
}

async function sample(): Promise<void> {
  while (elapsed() + sampleMs < endMs) {
    await sleep(sampleMs)
    samples.push({ hours: elapsed() / 3_600_000, ...(await usage()) })
  }
}

/** Least squares, per hour. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (index: 0 | 1) => points.reduce((sum, point) => sum + point[index], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const of = (value: (dx: number, dy: number) => number) =>
    points.reduce((sum, point) => sum + value(point[0] - x, point[1] - y), 0)
  return of((dx, dy) => dx * dy) / of((dx) => dx * dx)
}

await Promise.all([write(), restart(), sample()])
order(crowd, { last: number })
const { soak } = await reportOf(crowd, 'soak')
crowd.kill('SIGKILL')
// Sockets of clients that were killed are closed with the next look at them.
await sleep(2_000)
const idle = await usage()
server.kill('SIGKILL')
await stream.close()
await redis.close()

const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1)
// The first third is of code that is compiled, and of connections that are new.
const heaps = samples.slice(Math.floor(samples.length / 3)).map(({ hours, heap }) => [hours, heap] as const)
const counts = samples.map(({ descriptors }) => descriptors)
console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${values.minutes} minutes`)
console.log(
  `${readers} readers, ${eventsPerSecond} events a second; Redis killed ${restarts} times, readers went ${soak.left} times, ` +
    `stalled ${soak.stalled} times, and were sent away ${soak.sentAway} times`,
)
console.log(
  `heap after collection ${megabytes(samples[0]?.heap ?? NaN)} MiB first, ${megabytes(samples.at(-1)?.heap ?? NaN)} MiB last, ` +
    `slope of the last two thirds ${megabytes(slope(heaps))} MiB an hour`,
)
console.log(
  `descriptors ${Math.min(...counts)} to ${Math.max(...counts)} beside the readers, ${idle.descriptors} without them`,
)
console.log(
  `${soak.events} events came; missing and announced ${soak.announced}, missing in silence ${soak.unannounced}, ` +
    `repeated ${soak.repeated}, readers that never came to the end ${soak.behind}`,
)
process.exit(soak.unannounced + soak.repeated + soak.behind === 0 && idle.descriptors < 60 ? 0 : 1)
