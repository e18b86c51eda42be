import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAdapter } from '@socket.io/redis-streams-adapter'
import { Redis } from 'ioredis'
import { Server } from 'socket.io'
import type { AurenEvent } from '../../src/events/event.ts'
import { agents, anEvent } from './events.ts'
import { Deliveries } from './messages.ts'
import { Setting, kinds, median, order } from './setting.ts'
import type { Kind } from './setting.ts'

const sockets = 1_000
const rounds = 9
/** Writes of one measurement, by events in each. */
const batches = { 1: 25, 16: 4 } as const
/** Events that a server reads before its clients come: what it does once a turn is compiled by then, as in one that runs for minutes. */
const warmUp = 3_000
type PerTurn = 1 | 16

/**
 * All servers stand side by side with their clients, and are measured in turn, nine times: what else the machine does then
 * hits all of them, so they are compared round by round. Every batch is awaited by all clients before the next is written, so
 * that a turn has exactly so many events.
 */
export async function throughput(): Promise<void> {
  console.log(`| thousand deliveries a CPU second | ${kinds.join(' | ')} | |\n|${' --- |'.repeat(kinds.length + 2)}`)
  for (const groups of [1, 20]) {
    const crowds: Crowd[] = []
    for (const kind of kinds) crowds.push(await Crowd.gather(kind, groups))
    for (const perTurn of [1, 16] as const) {
      const rates = await measure(crowds, perTurn)
      const figures = rates.map((of) => Math.round(median(of) / 1_000))
      const ours = rates.at(-1) ?? []
      const times = (others: readonly number[]) => median(ours.map((rate, round) => rate / (others[round] ?? NaN)))
      const ratios = kinds.slice(0, -1).map((kind, index) => `${times(rates[index] ?? []).toFixed(1)} × ${kind}`)
      const filters = groups === 1 ? '' : `${groups} filters, `
      console.log(`| ${filters}${perTurn} event(s) a turn | ${figures.join(' | ')} | ${ratios.join(', ')} |`)
    }
    for (const crowd of crowds) await crowd.close()
  }
}

/** The rates of each, by round. */
async function measure(crowds: readonly Crowd[], perTurn: PerTurn): Promise<number[][]> {
  for (const crowd of crowds) await crowd.rate(perTurn, batches[perTurn])
  const rates = crowds.map(() => [] as number[])
  for (let round = 0; round < rounds; round += 1)
    for (const [index, crowd] of crowds.entries()) rates[index]?.push(await crowd.rate(perTurn, batches[perTurn]))
  return rates
}

interface Writer {
  write(events: readonly AurenEvent[]): Promise<unknown>
  close(): void
}

/** One kind of server with its clients. */
class Crowd {
  readonly #setting: Setting
  readonly #writer: Writer
  readonly #deliveries: Deliveries
  readonly #loads: readonly ChildProcess[]
  readonly #receivers: number
  #number = 0

  private constructor(setting: Setting, writer: Writer, groups: number, loads: readonly ChildProcess[]) {
    this.#setting = setting
    this.#writer = writer
    this.#loads = loads
    this.#receivers = groups === 1 ? sockets : (sockets * (groups - 1)) / groups
    this.#deliveries = new Deliveries(loads)
    for (const load of loads) order(load, { every: this.#receivers / loads.length })
  }

  static async gather(kind: Kind, groups: number): Promise<Crowd> {
    const setting = await Setting.start(kind)
    const writer = kind === 'socket.io' ? socketIoWriter(setting.redis.url, groups) : streamWriter(setting)
    for (let number = 0; number < warmUp; number += 1) {
      await writer.write([anEvent(number)])
      await sleep(1)
    }
    return new Crowd(setting, writer, groups, await setting.load(kind, sockets, groups))
  }

  /** Deliveries in a second of the server's CPU time. */
  async rate(perTurn: number, count: number): Promise<number> {
    const before = await this.#setting.usage('cpu')
    for (let written = 0; written < count; written += 1) await this.#batch(perTurn)
    const after = await this.#setting.usage('cpu')
    return (count * perTurn * this.#receivers) / (after.cpuSeconds - before.cpuSeconds)
  }

  async close(): Promise<void> {
    this.#writer.close()
    await this.#setting.close()
  }

  async #batch(perTurn: number): Promise<void> {
    const events = Array.from({ length: perTurn }, () => anEvent((this.#number += 1)))
    const done = this.#deliveries.next(perTurn * this.#loads.length)
    await this.#writer.write(events)
    await done
  }
}

function streamWriter({ stream }: Setting): Writer {
  return { write: (events) => stream.append(events), close: () => undefined }
}

/** A Socket.IO server without clients, which hands its events to the others over Redis. */
function socketIoWriter(redisUrl: string, groups: number): Writer {
  // Its adapter's reader is a duplicate that ends with the next error: without tries again when Redis is gone.
  const client = new Redis(redisUrl, { protocol: 2, retryStrategy: () => null })
  client.on('error', () => undefined)
  const io = new Server({ adapter: createAdapter(client) })
  return {
    write: (events) => {
      for (const event of events) {
        const message = { type: 'stream_event', id: event.event_id, event }
        const agent = agents.indexOf(event.source_agent?.id ?? '')
        if (groups === 1) io.emit('stream_event', message)
        else io.except(`without-${agent}`).emit('stream_event', message)
      }
      return Promise.resolve()
    },
    close: () => {
      void io.of('/').adapter.close()
      client.disconnect()
    },
  }
}
