import { setTimeout as sleep } from 'node:timers/promises'
import { anEvent, pace } from './events.ts'
import { Deliveries, takeLatencies } from './messages.ts'
import { Setting, order, percentile } from './setting.ts'

const [stalled, fast] = [1_000, 100]
const [eventsPerSecond, seconds, rounds] = [200, 5, 3]
/** More than the window of 16 MiB holds, so that it does not grow while memory is compared. */
const prefill = 16_000

/**
 * What clients that read nothing cost: memory, and the delay of those who read. They are measured when all of them are
 * stuck, and those who read before that and after the others have gone, too.
 */
export async function stalledClients(): Promise<void> {
  const setting = await Setting.start('auren', { windowBytes: 16 * 2 ** 20, stallMs: 3_600_000 })
  const readers = await setting.load('auren', fast, 1, 1)
  const measure = async () => {
    await pace(setting.stream, eventsPerSecond, seconds)
    return takeLatencies(readers)
  }
  const deliveries = new Deliveries(readers)
  for (const load of readers) order(load, { every: fast })
  const filled = deliveries.next(prefill)
  for (let written = 0; written < prefill; written += 200)
    await setting.stream.append(Array.from({ length: 200 }, (_, number) => anEvent(number)))
  await filled
  for (const load of readers) order(load, { every: Number.MAX_SAFE_INTEGER })
  await measure()
  const [alone, beside]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) alone.push(...(await measure()))
  const sleepers = await setting.load('auren', stalled, 1)
  const before = await setting.usage('memory')
  for (const load of sleepers) order(load, { stall: true })
  while ((await slowConsumers(setting.url)) < stalled) {
    await setting.stream.append(Array.from({ length: 20 }, (_, number) => anEvent(number)))
    await sleep(200)
  }
  await takeLatencies(readers)
  for (let round = 0; round < rounds; round += 1) beside.push(...(await measure()))
  const after = await setting.usage('memory')
  for (const load of sleepers) load.kill('SIGKILL')
  while ((await slowConsumers(setting.url)) > 0) await sleep(100)
  for (let round = 0; round < rounds; round += 1) alone.push(...(await measure()))
  await setting.close()
  const [p99Alone, p99Beside] = [percentile(alone, 0.99), percentile(beside, 0.99)]
  console.log(
    `\n${stalled} stalled clients: ${((after.rss - before.rss) / 2 ** 20).toFixed(0)} MiB of RSS together. p99 of ${fast} that read, at ` +
      `${eventsPerSecond} events a second: ${p99Alone.toFixed(1)} ms without them, ${p99Beside.toFixed(1)} ms beside them (${percent(p99Beside / p99Alone)})`,
  )
}

/** What `/metrics` says of clients for which bytes wait. */
async function slowConsumers(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^auren_gateway_slow_consumers (\d+)$/m.exec(metrics)?.[1])
}

const percent = (ratio: number) => `${ratio >= 1 ? '+' : '−'}${Math.abs((ratio - 1) * 100).toFixed(0)} %`
