import type { RedisServer } from './redis-server.ts'
import { until } from './until.ts'

/** A copy of the stream as it was, and what a failover to it does. */
export class Replica {
  readonly #redis: RedisServer
  readonly #keys: readonly string[]
  #copy: { readonly values: readonly (Buffer | null)[]; readonly stored: number } | undefined

  constructor(redis: RedisServer, keys: readonly string[] = ['auren:events']) {
    this.#redis = redis
    this.#keys = keys.flatMap((key) => [key, `${key}:meta`])
  }

  /** `stored` tells how many events there are. */
  async copy(stored: number): Promise<void> {
    const values = await Promise.all(this.#keys.map((key) => this.#redis.client.dumpBuffer(key)))
    if (stored > 0) this.#copy = { values, stored }
  }

  /** Takes the place of the stream; gives how many events had been stored in it. */
  async failOver(): Promise<number | undefined> {
    if (this.#copy === undefined) return undefined
    const { values, stored } = this.#copy
    const at = Date.now()
    const commands = this.#redis.client.multi()
    for (const [index, key] of this.#keys.entries()) {
      const value = values[index]
      if (value) commands.restore(key, 0, value, 'REPLACE')
      else commands.del(key)
    }
    await commands.exec()
    // No failover takes less than a millisecond: ids that are lost are not given again.
    await until('the clock goes on', () => Date.now() > at)
    return stored
  }
}
