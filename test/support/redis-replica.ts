import type { RedisServer } from './redis-server.ts'
import { until } from './until.ts'

/** A copy of the stream as it was, and what a failover to it does. */
export class Replica {
  readonly #redis: RedisServer
  #copy: { readonly entries: Buffer; readonly meta: Buffer; readonly stored: number } | undefined

  constructor(redis: RedisServer) {
    this.#redis = redis
  }

  /** `stored` tells how many events there are. */
  async copy(stored: number): Promise<void> {
    const { client } = this.#redis
    const [entries, meta] = await Promise.all([
      client.dumpBuffer('auren:events'),
      client.dumpBuffer('auren:events:meta'),
    ])
    if (entries !== null && meta !== null) this.#copy = { entries, meta, stored }
  }

  /** Takes the place of the stream; gives how many events had been stored in it. */
  async failOver(): Promise<number | undefined> {
    if (this.#copy === undefined) return undefined
    const { entries, meta, stored } = this.#copy
    const at = Date.now()
    const { client } = this.#redis
    await client
      .multi()
      .restore('auren:events', 0, entries, 'REPLACE')
      .restore('auren:events:meta', 0, meta, 'REPLACE')
      .exec()
    // No failover takes less than a millisecond: ids that are lost are not given again.
    await until('the clock goes on', () => Date.now() > at)
    return stored
  }
}
