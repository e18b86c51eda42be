import { createAdapter } from '@socket.io/redis-streams-adapter'
import { Redis } from 'ioredis'
import { Server } from 'socket.io'
import { agents, anEvent } from './events.ts'
import { reportOf } from './messages.ts'
import { Setting, kinds, order } from './setting.ts'
import type { Kind } from './setting.ts'

const sockets = 1_000

/** Every batch is awaited by all clients before the next is written, so that a turn has exactly so many events. */
export async function throughput(): Promise<void> {
  for (const groups of [1, 20]) {
    for (const perTurn of [1, 16]) {
      const rates = new Map<Kind, number>()
      for (const kind of kinds) rates.set(kind, await measure(kind, groups, perTurn))
      const ours = rates.get('auren') ?? NaN
      const ratios = kinds.slice(0, -1).map((kind) => `${(ours / (rates.get(kind) ?? NaN)).toFixed(1)} × ${kind}`)
      const figures = kinds.map((kind) => `${kind} ${Math.round((rates.get(kind) ?? NaN) / 1_000)} k`).join(', ')
      console.log(
        `${sockets} sockets, ${groups} filter(s), ${perTurn} event(s) a turn: ${figures} deliveries a CPU second`,
      )
      console.log(`  auren is ${ratios.join(', ')}`)
    }
  }
}

async function measure(kind: Kind, groups: number, perTurn: number): Promise<number> {
  const setting = await Setting.start(kind)
  const loads = await setting.load(kind, sockets, groups)
  const writer = kind === 'socket.io' ? socketIoWriter(setting.redis.url, groups) : undefined
  let number = 0
  const batch = async () => {
    const events = Array.from({ length: perTurn }, () => anEvent((number += 1)))
    const done = loads.map((load) => reportOf(load, 'delivered'))
    if (writer) for (const event of events) writer.emit(event)
    else await setting.stream.append(events)
    await Promise.all(done)
  }
  const receivers = groups === 1 ? sockets : (sockets * (groups - 1)) / groups
  for (const load of loads) order(load, { every: (receivers * perTurn) / loads.length })
  const batches = perTurn === 1 ? 100 : 30
  for (let warmUp = 0; warmUp < batches / 2; warmUp += 1) await batch()
  const before = await setting.usage()
  for (let count = 0; count < batches; count += 1) await batch()
  const after = await setting.usage()
  writer?.close()
  await setting.close()
  return (batches * perTurn * receivers) / (after.cpuSeconds - before.cpuSeconds)
}

/** A Socket.IO server without clients, which hands its events to the others over Redis. */
function socketIoWriter(redisUrl: string, groups: number) {
  const client = new Redis(redisUrl, { protocol: 2 })
  client.on('error', () => undefined)
  const io = new Server({ adapter: createAdapter(client) })
  return {
    emit: (event: ReturnType<typeof anEvent>) => {
      const message = { type: 'stream_event', id: event.event_id, event }
      const agent = agents.indexOf(event.source_agent?.id ?? '')
      if (groups === 1) io.emit('stream_event', message)
      else io.except(`without-${agent}`).emit('stream_event', message)
    },
    close: () => {
      // Its reading loop ends with the next error, when Redis is gone.
      void io.of('/').adapter.close()
      client.disconnect()
    },
  }
}
