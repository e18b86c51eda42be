import type { AurenEvent } from '../../src/events/event.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { anEvent } from '../gateway/events.ts'
import type { Bare } from './bare.ts'

export const [count, batch, pings] = [10_000, 100, 200]

const events = Array.from({ length: count }, (_, at) => anEvent(at))

export interface Measured {
  readonly append: Cost
  readonly tail: Cost
  /** Milliseconds from an append until a waiting reader has the event; undefined where the library cannot wait. */
  readonly wake: { readonly p50: number; readonly p99: number } | undefined
}

export interface Cost {
  readonly seconds: number
  readonly cpuSeconds: number
}

/** The writer as an agent has it, the reader as a gateway. */
export async function measureOurs(url: string): Promise<Measured> {
  const [stream, reader] = [await openStream(url, { countsAppends: false }), await openStream(url)]
  await stream.append(events.slice(0, 1))
  const { last: first } = await reader.info()
  const append = await costOf(() => inBatches((some) => stream.append(some)))
  const tail = await costOf(async () => {
    for (let [left, at] = [count, first]; left > 0;) {
      const page = await reader.read(at)
      left -= page.entries.length
      at = page.next
    }
  })
  let { last } = await reader.info()
  const wake = await wakes(
    (event) => stream.append([event]),
    async () => (last = (await reader.read(last, { waitMs: 10_000 })).next),
  )
  await Promise.all([stream.close(), reader.close()])
  return { append, tail, wake }
}

export async function measureBare(bare: Bare): Promise<Measured> {
  await bare.append(events.slice(0, 1))
  const append = await costOf(() => inBatches((some) => bare.append(some)))
  const readAll = await bare.openTail()
  const tail = await costOf(() => readAll(count))
  let came = Promise.withResolvers<void>()
  await bare.follow?.(() => came.resolve())
  const next = () => (came = Promise.withResolvers()).promise
  const wake = bare.follow && (await wakes((event) => bare.append([event]), next))
  await bare.close()
  return { append, tail, wake }
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
    const began = performance.now()
    const coming = came().then(() => delays.push(performance.now() - began))
    await Promise.all([append(event), coming])
  }
  delays.sort((a, b) => a - b)
  return { p50: delays[pings / 2] ?? NaN, p99: delays[Math.floor(pings * 0.99)] ?? NaN }
}
