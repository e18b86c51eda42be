import { reportOf } from './messages.ts'
import { Readers, effect } from './readers.ts'
import { child } from './setting.ts'

const flooding = 20

/** What clients cost that send five times a second what they may send in a minute, and come again at once. */
export async function floodingClients(): Promise<void> {
  const [alone, beside] = [await Readers.start(), await Readers.start()]
  for (const readers of [alone, beside]) await readers.read(2_000)
  const floods = child('flood.ts', beside.setting.url, String(flooding))
  await reportOf(floods, 'sentAway')
  const change = await effect(alone, beside)
  floods.kill('SIGKILL')
  for (const readers of [alone, beside]) await readers.setting.close()
  console.log(`\n${flooding} flooding clients, sent away each time; ${change}`)
}
