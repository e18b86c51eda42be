import type { ChildProcess } from 'node:child_process'
import { createAdapter } from '@socket.io/redis-streams-adapter'
import { Redis } from 'ioredis'
import { Server } from 'socket.io'
import { agents, anEvent } from './events.ts'
import { Deliveries } from './messages.ts'
import { Setting, kinds, median, order } from './setting.ts'
import type { Kind } from './setting.ts'

const sockets = 1_000
const rounds = 3
/** Writes of one measurement, by events in each. */
const batches = { 1: 50, 16: 8 } as const
type PerTurn = 1 | 16

/**
 * All servers stand side by side with their clients, and are measured in turn, three times: what else the machine does then
 * hits all of them. Every batch is awaited by all clients before the next is written, so that a turn has exactly so many events.
 */
export async function throughput(): Promise<void> {
  console.log(`| thousand deliveries a CPU second | ${kinds.join(' | ')} | |\n|${' --- |'.repeat(kinds.length + 2)}`)
  for (const groups of [1, 20]) {
    const crowds: Crowd[] = []
    for (const kind of kinds) crowds.push(await Crowd.gather(kind, groups))
    for (const perTurn of [1, 16] as const) {
      const rates = await measure(crowds, perTurn)
      const [ours = NaN, figures] = [rates.at(-1), rates.map((rate) => Math.round(rate / 1_000))]
      const ratios = kinds.slice(0, -1).map((kind, index) => `${(ours / (rates[index] ?? NaN)).toFixed(1)} × ${kind}`)
      const filters = groups === 1 ? '' : `${groups} filters, `
      console.log(`| ${filters}${perTurn} event(s) a turn | ${figures.join(' | ')} | ${ratios.join(', ')} |`)
    }
    for (const crowd of crowds) await crowd.close()
  }
}

/** The median rate of each. */
async function measure(crowds: readonly Crowd[], perTurn: PerTurn): Promise<number[]> {
  for (const crowd of crowds) await crowd.rate(perTurn, batches[perTurn] / 2)
  const rates = crowds.map(() => [] as number[])
  for (let round = 0; round < rounds; round += 1)
    for (const [index, crowd] of crowds.entries()) rates[index]?.push(await crowd.rate(perTurn, batches[perTurn]))
  return rates.map(median)
}

/** One kind of server with its clients. */
class Crowd {
  readonly #setting: Setting
  readonly #deliveries: Deliveries
  readonly #loads: readonly ChildProcess[]
  readonly #receivers: number
  readonly #writer: ReturnType<typeof socketIoWriter> | undefined
  #number = 0

  private constructor(kind: Kind, groups: number, setting: Setting, loads: readonly ChildProcess[]) {
    this.#setting = setting
    this.#loads = loads
    this.#receivers = groups === 1 ? sockets : (sockets * (groups - 1)) / groups
    this.#deliveries = new Deliveries(loads)
    this.#writer = kind === 'socket.io' ? socketIoWriter(setting.redis.url, groups) : undefined
    for (const load of loads) order(load, { every: this.#receivers / loads.length })
  }

  static async gather(kind: Kind, groups: number): Promise<Crowd> {
    const setting = await Setting.start(kind)
    return new Crowd(kind, groups, setting, await setting.load(kind, sockets, groups))
  }

  /** Deliveries in a second of the server's CPU time. */
  async rate(perTurn: number, count: number): Promise<number> {
    const before = await this.#setting.usage('cpu')
    for (let written = 0; written < count; written += 1) await this.#batch(perTurn)
    const after = await this.#setting.usage('cpu')
    return (count * perTurn * this.#receivers) / (after.cpuSeconds - before.cpuSeconds)
  }

  async close(): Promise<void> {
    this.#writer?.close()
    await this.#setting.close()
  }

  async #batch(perTurn: number): Promise<void> {
    const events = Array.from({ length: perTurn }, () => anEvent((this.#number += 1)))
    const done = this.#deliveries.next(perTurn * this.#loads.length)
    if (this.#writer) for (const event of events) this.#writer.emit(event)
    else await this.#setting.stream.append(events)
    await done
  }
}

/** A Socket.IO server without clients, which hands its events to the others over Redis. */
function socketIoWriter(redisUrl: string, groups: number) {
  // Its adapter's reader is a duplicate that ends with the next error: without tries again when Redis is gone.
  const client = new Redis(redisUrl, { protocol: 2, retryStrategy: () => null })
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
      void io.of('/').adapter.close()
      client.disconnect()
    },
  }
}
