import { Setting } from './setting.ts'

const warm = 500
const sockets = 4_000

/** Resident memory that a connection takes which was let in and hears nothing. */
export async function idleMemory(): Promise<void> {
  const setting = await Setting.start('auren')
  await setting.load('auren', warm, 1)
  const before = await setting.usage('memory')
  await setting.load('auren', sockets, 1)
  const after = await setting.usage('memory')
  await setting.close()
  console.log(`\n${sockets} idle connections: ${((after.rss - before.rss) / 1024 / sockets).toFixed(1)} KB of RSS each`)
}
