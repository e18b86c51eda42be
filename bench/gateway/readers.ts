import type { ChildProcess } from 'node:child_process'
import type { GatewayOptions } from '../../src/gateway/settings.ts'
import { anEvent, pace } from './events.ts'
import { Deliveries, takeLatencies } from './messages.ts'
import { Setting, order, percentile } from './setting.ts'

const clients = 100
const [eventsPerSecond, seconds, rounds] = [200, 4, 6]

/** Clients of one gateway that read at once, whose delays tell what others cost them. */
export class Readers {
  readonly setting: Setting
  readonly #loads: readonly ChildProcess[]
  readonly #delays: number[] = []

  private constructor(setting: Setting, loads: readonly ChildProcess[]) {
    this.setting = setting
    this.#loads = loads
  }

  static async start(options: GatewayOptions = {}): Promise<Readers> {
    const setting = await Setting.start('auren', options)
    return new Readers(setting, await setting.load('auren', clients, 1, 1))
  }

  /** Milliseconds. */
  get p99(): number {
    return percentile(this.#delays, 0.99)
  }

  /** Resolves when all have read so many events. */
  async read(events: number): Promise<void> {
    const deliveries = new Deliveries(this.#loads)
    for (const load of this.#loads) order(load, { every: clients })
    const done = deliveries.next(events)
    for (let written = 0; written < events; written += 200)
      await this.setting.stream.append(Array.from({ length: 200 }, (_, number) => anEvent(number)))
    await done
    for (const load of this.#loads) order(load, { every: Number.MAX_SAFE_INTEGER })
  }

  async measure(): Promise<void> {
    await takeLatencies(this.#loads)
    await pace(this.setting.stream, eventsPerSecond, seconds)
    this.#delays.push(...(await takeLatencies(this.#loads)))
  }
}

/**
 * What others do to those who read, in words. Readers of two gateways are measured in turn, with the others at one of them:
 * what the machine does, and its kernel for all connections, hits both alike. One pause of a process delays several events,
 * so that a p99 needs minutes, not seconds.
 */
export async function effect(alone: Readers, beside: Readers): Promise<string> {
  for (let round = 0; round < rounds; round += 1) for (const readers of [alone, beside]) await readers.measure()
  const change = Math.round((beside.p99 / alone.p99 - 1) * 100)
  return (
    `p99 of ${clients} that read, at ${eventsPerSecond} events a second: ${alone.p99.toFixed(1)} ms without them, ` +
    `${beside.p99.toFixed(1)} ms beside them (${change < 0 ? '' : '+'}${change} %)`
  )
}
