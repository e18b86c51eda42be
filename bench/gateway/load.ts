// A process of clients: `load.ts <url> <kind> <sockets> <groups> [cursor]`. Counts events, and takes the delays of a few.
import { setTimeout as sleep } from 'node:timers/promises'
import { RawSocket } from './raw-socket.ts'
import { tell } from './messages.ts'
import type { Order } from './messages.ts'
import { agents } from './events.ts'

const [address = '', kind = '', count = '0', groups = '1', cursor = ''] = process.argv.slice(2)
const url = new URL(address)
const wallClock = () => performance.timeOrigin + performance.now()
const sockets: RawSocket[] = []
let [delivered, every, connected, caughtUp] = [0, Number.POSITIVE_INFINITY, 0, 0]
let latencies: number[] = []

/** Each group leaves out another agent, so that every filter has to be looked at and most events are for most clients. */
const filterOf = (index: number) =>
  groups === '1' ? [] : agents.filter((_, agent) => agent !== index % Number(groups))

/** Asks for events alone: the others send neither runs nor a summary. */
function hello(index: number): string {
  const resume = cursor === '' ? {} : { resume: { last_event_id: cursor } }
  const subscriptions = ['llm_usage']
  return JSON.stringify({ token: 'test', protocol_version: 1, subscriptions, agent_filter: filterOf(index), ...resume })
}

function onEvent(payload: Buffer, isSampled: boolean): void {
  delivered += 1
  if (isSampled) {
    const sent = /"sent":([\d.]+)/.exec(payload.toString('latin1'))?.[1]
    if (sent !== undefined) latencies.push(wallClock() - Number(sent))
  }
  if (delivered % every === 0) tell({ delivered })
}

function onText(socket: RawSocket, payload: Buffer, index: number): void {
  const isSocketIo = kind === 'socket.io'
  const start = payload.toString('latin1', 0, 12)
  if (isSocketIo ? start.startsWith('42') : start.startsWith('{"type":"str')) return onEvent(payload, index % 50 === 0)
  if (isSocketIo && start === '2') return socket.send('3')
  if (start.startsWith('{"type":"cau')) caughtUp += 1
  else if (start.startsWith('{"type":"con') || start.startsWith('40')) connected += 1
  else return
  if (caughtUp === Number(count)) tell({ caughtUp: delivered })
  else if (connected === Number(count)) tell({ connected })
}

const path = kind === 'socket.io' ? '/socket.io/?EIO=4&transport=websocket' : '/ws'
for (let index = 0; index < Number(count); index += 1) {
  const socket: RawSocket = new RawSocket(
    url,
    path,
    () => socket.send(kind === 'socket.io' ? `40${JSON.stringify({ group: index % Number(groups) })}` : hello(index)),
    (payload) => onText(socket, payload, index),
  )
  sockets.push(socket)
  // What lacks clients measures something else.
  socket.socket.once('close', () => process.exit(1))
  // Not all at once: the listen queue is finite.
  while (index - connected >= 100) await sleep(5)
}

process.on('disconnect', () => process.exit())
process.on('message', (order: Order) => {
  if ('every' in order) every = order.every
  if ('stall' in order) for (const { socket } of sockets) socket.pause()
  if ('latencies' in order) {
    tell({ latencies })
    latencies = []
  }
})
