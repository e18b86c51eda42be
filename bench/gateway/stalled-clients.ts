import { setTimeout as sleep } from 'node:timers/promises'
import { anEvent } from './events.ts'
import { Readers, effect } from './readers.ts'
import { order } from './setting.ts'

const stalled = 1_000
/** More than the window of 16 MiB holds, so that it does not grow while memory is compared. */
const prefill = 16_000

/**
 * What clients that read nothing cost: memory, and the delay of those who read. They are measured when all of them are
 * stuck, and those who read before that and after the others have gone, too.
 */
export async function stalledClients(): Promise<void> {
  const readers = await Readers.start({ windowBytes: 16 * 2 ** 20, stallMs: 3_600_000 })
  const { setting } = readers
  await readers.read(prefill)
  const before = await readers.latencies()
  const sleepers = await setting.load('auren', stalled, 1)
  const { rss } = await setting.usage('memory')
  for (const load of sleepers) order(load, { stall: true })
  while ((await slowConsumers(setting.url)) < stalled) {
    await setting.stream.append(Array.from({ length: 20 }, (_, number) => anEvent(number)))
    await sleep(200)
  }
  const beside = await readers.latencies()
  const growth = (await setting.usage('memory')).rss - rss
  for (const load of sleepers) load.kill('SIGKILL')
  while ((await slowConsumers(setting.url)) > 0) await sleep(100)
  const after = await readers.latencies()
  await setting.close()
  console.log(
    `\n${stalled} stalled clients: ${(growth / 2 ** 20).toFixed(0)} MiB of RSS together; ${effect([...before, ...after], beside)}`,
  )
}

/** What `/metrics` says of clients for which bytes wait. */
async function slowConsumers(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^auren_gateway_slow_consumers (\d+)$/m.exec(metrics)?.[1])
}
