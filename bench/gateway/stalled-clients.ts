import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { anEvent } from './events.ts'
import { reportOf } from './messages.ts'
import { Setting, order, percentile } from './setting.ts'

const stalled = 1_000
const fast = 100
const [eventsPerSecond, seconds] = [200, 15]

/** What clients that read nothing cost: memory, and the delay of those who read. The window is 16 MiB and full before. */
export async function stalledClients(): Promise<void> {
  const setting = await Setting.start('auren', String(16 * 2 ** 20))
  const readers = await setting.load('auren', fast, 1, 1)
  for (let batch = 0; batch < 80; batch += 1)
    await setting.stream.append(Array.from({ length: 200 }, (_, n) => anEvent(n)))
  await sleep(5_000)
  await taken(readers)
  const alone = await publish(setting, readers)
  const sleepers = await setting.load('auren', stalled, 1)
  for (const load of sleepers) order(load, { stall: true })
  const before = await setting.usage()
  const beside = await publish(setting, readers)
  const after = await setting.usage()
  await setting.close()
  const growth = (after.rss - before.rss) / 2 ** 20
  console.log(
    `${stalled} stalled clients, ${eventsPerSecond} events a second for ${seconds} s: ${growth.toFixed(0)} MiB of RSS together`,
  )
  const [p99Alone, p99Beside] = [percentile(alone, 0.99), percentile(beside, 0.99)]
  console.log(`  p99 of ${fast} fast ones: ${p99Alone.toFixed(1)} ms alone, ${p99Beside.toFixed(1)} ms beside them`)
}

async function publish(setting: Setting, readers: readonly ChildProcess[]): Promise<number[]> {
  const startedAt = performance.now()
  for (let number = 0; number < eventsPerSecond * seconds; number += 1) {
    await setting.stream.append([anEvent(number)])
    const ahead = startedAt + ((number + 1) * 1_000) / eventsPerSecond - performance.now()
    if (ahead > 1) await sleep(ahead)
  }
  await sleep(1_000)
  return taken(readers)
}

async function taken(readers: readonly ChildProcess[]): Promise<number[]> {
  const reports = readers.map((load) => reportOf(load, 'latencies'))
  for (const load of readers) order(load, { latencies: true })
  return (await Promise.all(reports)).flatMap(({ latencies }) => latencies)
}
