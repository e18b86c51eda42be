// A process of clients that send more than they may, and come again when they are sent away: `flood.ts <url> <clients>`.
import { setTimeout as sleep } from 'node:timers/promises'
import { tell } from './messages.ts'
import { RawSocket } from './raw-socket.ts'

const [address = '', clients = '0'] = process.argv.slice(2)
const ping = JSON.stringify({ type: 'ping' })
/** Messages a second of each. */
const rate = 500
let closed = 0

async function flood(): Promise<never> {
  for (;;) {
    const client = new RawSocket(
      new URL(address),
      '/ws',
      () => client.send(JSON.stringify({ token: 'test', protocol_version: 1, subscriptions: [] })),
      () => undefined,
    )
    const { socket } = client
    while (!socket.destroyed && !socket.readableEnded) {
      if (!socket.connecting) for (let count = 0; count < rate / 50; count += 1) client.send(ping)
      await sleep(20)
    }
    closed += 1
    if (closed % Number(clients) === 0) tell({ sentAway: closed })
  }
}

process.on('disconnect', () => process.exit())
for (let count = 0; count < Number(clients); count += 1) void flood()
