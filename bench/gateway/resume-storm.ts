import { anEvent } from './events.ts'
import { reportOf } from './messages.ts'
import { Setting } from './setting.ts'

const [clients, events] = [500, 10_000]

/** Everybody comes back at once, and has missed the same ten thousand events. */
export async function resumeStorm(): Promise<void> {
  const setting = await Setting.start('auren')
  const { first } = await setting.stream.info()
  for (let batch = 0; batch < events / 200; batch += 1) {
    await setting.stream.append(Array.from({ length: 200 }, (_, number) => anEvent(number)))
  }
  const before = await setting.usage('memory')
  const startedAt = performance.now()
  const loads = setting.clients('auren', clients, { cursor: `${first.id}@${first.epoch}` })
  const got = await Promise.all(loads.map((load) => reportOf(load, 'caughtUp')))
  const took = (performance.now() - startedAt) / 1_000
  const after = await setting.usage('memory')
  await setting.close()
  const delivered = got.reduce((sum, { caughtUp }) => sum + caughtUp, 0)
  console.log(
    `\n${clients} clients resume ${events} events each: ${took.toFixed(1)} s, ${(after.cpuSeconds - before.cpuSeconds).toFixed(1)} s of CPU, ` +
      `${delivered} of ${clients * events} events, ${((after.rss - before.rss) / 2 ** 20).toFixed(0)} MiB more RSS`,
  )
}
