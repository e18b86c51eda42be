import { setTimeout as sleep } from 'node:timers/promises'
import { anEvent } from './events.ts'
import { reportOf } from './messages.ts'
import { Setting, order, percentile } from './setting.ts'
import type { Kind } from './setting.ts'

const sockets = 1_000
/** Below half of what the bare loop does on a core that other work shares: 1,000 sockets × 10 events a second. */
const eventsPerSecond = 10
const seconds = 10

/** From before the append to the arrival in another process, beside a bare loop that shares the text. */
export async function latency(): Promise<void> {
  const [bare, ours] = [await measure('shared'), await measure('auren')]
  const line = (values: number[]) =>
    [0.5, 0.99].map((q) => `p${q * 100} ${percentile(values, q).toFixed(1)} ms`).join(', ')
  console.log(
    `append → client at ${eventsPerSecond} events a second, ${sockets} sockets: bare loop ${line(bare)}; auren ${line(ours)}`,
  )
  console.log(`  p99 of auren is ${(percentile(ours, 0.99) / percentile(bare, 0.99)).toFixed(2)} × the bare loop's`)
}

async function measure(kind: Kind): Promise<number[]> {
  const setting = await Setting.start(kind)
  const loads = await setting.load(kind, sockets, 1)
  await publish(setting, eventsPerSecond)
  await drain(loads)
  await publish(setting, eventsPerSecond * seconds)
  await sleep(500)
  const latencies = await drain(loads)
  await setting.close()
  return latencies
}

async function publish(setting: Setting, events: number): Promise<void> {
  const startedAt = performance.now()
  for (let number = 0; number < events; number += 1) {
    await setting.stream.append([anEvent(number)])
    await sleep(Math.max(0, startedAt + ((number + 1) * 1_000) / eventsPerSecond - performance.now()))
  }
}

async function drain(loads: Awaited<ReturnType<Setting['load']>>): Promise<number[]> {
  const reports = loads.map((load) => reportOf(load, 'latencies'))
  for (const load of loads) order(load, { latencies: true })
  return (await Promise.all(reports)).flatMap(({ latencies }) => latencies)
}
