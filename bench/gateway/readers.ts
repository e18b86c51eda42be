import type { ChildProcess } from 'node:child_process'
import type { GatewayOptions } from '../../src/gateway/settings.ts'
import { anEvent, pace } from './events.ts'
import { Deliveries, takeLatencies } from './messages.ts'
import { Setting, order, percentile } from './setting.ts'

const clients = 100
const [eventsPerSecond, seconds, rounds] = [200, 4, 2]

/** Clients that read at once, whose delays tell what others cost them. */
export class Readers {
  readonly setting: Setting
  readonly #loads: readonly ChildProcess[]

  private constructor(setting: Setting, loads: readonly ChildProcess[]) {
    this.setting = setting
    this.#loads = loads
  }

  static async start(options: GatewayOptions = {}): Promise<Readers> {
    const setting = await Setting.start('auren', options)
    return new Readers(setting, await setting.load('auren', clients, 1, 1))
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

  /** Delays of what is written now, in milliseconds. */
  async latencies(): Promise<number[]> {
    await takeLatencies(this.#loads)
    const all: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      await pace(this.setting.stream, eventsPerSecond, seconds)
      all.push(...(await takeLatencies(this.#loads)))
    }
    return all
  }
}

/** What others did to those who read, in words. */
export function effect(alone: readonly number[], beside: readonly number[]): string {
  const [without, with_] = [percentile(alone, 0.99), percentile(beside, 0.99)]
  const change = Math.round((with_ / without - 1) * 100)
  return (
    `p99 of ${clients} that read, at ${eventsPerSecond} events a second: ${without.toFixed(1)} ms without them, ` +
    `${with_.toFixed(1)} ms beside them (${change < 0 ? '' : '+'}${change} %)`
  )
}
