import { reportOf } from './messages.ts'
import { Readers, effect } from './readers.ts'
import { child } from './setting.ts'

const flooding = 20

/** What clients cost that send five times a second what they may send in a minute, and come again at once. */
export async function floodingClients(): Promise<void> {
  const readers = await Readers.start()
  await readers.read(2_000)
  const before = await readers.latencies()
  const floods = child('flood.ts', readers.setting.url, String(flooding))
  await reportOf(floods, 'sentAway')
  const beside = await readers.latencies()
  floods.kill('SIGKILL')
  const after = await readers.latencies()
  await readers.setting.close()
  console.log(`\n${flooding} flooding clients, sent away each time; ${effect([...before, ...after], beside)}`)
}
