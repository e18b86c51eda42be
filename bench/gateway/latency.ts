import type { ChildProcess } from 'node:child_process'
import { anEvent, pace } from './events.ts'
import { Deliveries, takeLatencies } from './messages.ts'
import { Setting, order, percentile } from './setting.ts'
import type { Kind } from './setting.ts'

const sockets = 1_000
const [seconds, rounds] = [8, 2]
/** Writes from which the cost of an event is taken. */
const calibration = 60

interface Side {
  readonly setting: Setting
  readonly loads: readonly ChildProcess[]
  readonly latencies: number[]
}

/**
 * From before the append to the arrival in another process, beside a bare loop that shares the text: in turn, at the rate
 * that takes half of a core for the bare loop.
 */
export async function latency(): Promise<void> {
  const [bare, ours] = [await side('shared'), await side('auren')]
  const rate = Math.max(1, Math.floor(0.5 / (await secondsPerEvent(bare))))
  for (const { setting, loads } of [bare, ours]) {
    await pace(setting.stream, rate, 1)
    await takeLatencies(loads)
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const { setting, loads, latencies } of [bare, ours]) {
      await pace(setting.stream, rate, seconds)
      latencies.push(...(await takeLatencies(loads)))
    }
  }
  for (const { setting } of [bare, ours]) await setting.close()
  const row = (q: number) => [bare, ours].map(({ latencies }) => percentile(latencies, q))
  console.log(
    `\n| append → client, ms, ${rate} events a second, ${sockets} sockets | bare loop | auren | |\n|${' --- |'.repeat(4)}`,
  )
  for (const q of [0.5, 0.99]) {
    const [theirs = NaN, own = NaN] = row(q)
    console.log(`| p${q * 100} | ${theirs.toFixed(1)} | ${own.toFixed(1)} | ${(own / theirs).toFixed(2)} × |`)
  }
}

async function side(kind: Kind): Promise<Side> {
  const setting = await Setting.start(kind)
  return { setting, loads: await setting.load(kind, sockets, 1), latencies: [] }
}

async function secondsPerEvent({ setting, loads }: Side): Promise<number> {
  const deliveries = new Deliveries(loads)
  for (const load of loads) order(load, { every: sockets / loads.length })
  const before = await setting.usage('cpu')
  for (let count = 0; count < calibration; count += 1) {
    const done = deliveries.next(loads.length)
    await setting.stream.append([anEvent(count)])
    await done
  }
  const after = await setting.usage('cpu')
  for (const load of loads) order(load, { every: Number.MAX_SAFE_INTEGER })
  return (after.cpuSeconds - before.cpuSeconds) / calibration
}
