import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { anEvent } from './events.ts'
import { Readers, effect } from './readers.ts'
import { order } from './setting.ts'

const stalled = 1_000
/** More than the window of 16 MiB holds, so that it does not grow while memory is compared. */
const prefill = 16_000

/** What clients that read nothing cost, once all of them are stuck: memory, and the delay of those who read. */
export async function stalledClients(): Promise<void> {
  const options = { windowBytes: 16 * 2 ** 20, stallMs: 3_600_000 }
  const [alone, beside] = [await Readers.start(options), await Readers.start(options)]
  for (const readers of [alone, beside]) await readers.read(prefill)
  const { setting } = beside
  const sleepers = await setting.load('auren', stalled, 1)
  const { rss } = await setting.usage('memory')
  const kernel = kernelBytes()
  for (const load of sleepers) order(load, { stall: true })
  while ((await slowConsumers(setting.url)) < stalled) {
    await setting.stream.append(Array.from({ length: 20 }, (_, number) => anEvent(number)))
    await sleep(200)
  }
  const growth = [(await setting.usage('memory')).rss - rss, kernelBytes() - kernel]
  const [own, buffers] = growth.map((bytes) => (bytes / 2 ** 20).toFixed(0))
  const change = await effect(alone, beside)
  for (const readers of [alone, beside]) await readers.setting.close()
  console.log(
    `\n${stalled} stalled clients: ${own} MiB of RSS together, ${buffers} MiB in the kernel for both sides; ${change}`,
  )
}

/** What all TCP connections of the machine hold, in pages of 4 KiB. */
function kernelBytes(): number {
  return Number(/^TCP: .* mem (\d+)$/m.exec(readFileSync('/proc/net/sockstat', 'utf8'))?.[1]) * 4_096
}

/** What `/metrics` says of clients for which bytes wait. */
async function slowConsumers(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^auren_gateway_slow_consumers (\d+)$/m.exec(metrics)?.[1])
}
