import { Bell } from './bell.ts'
import { RedisConnection } from './redis-connection.ts'
import type { RedisTarget } from './redis-target.ts'

/** Milliseconds beyond its time after which a blocked XREAD is taken for dead: the other side may be gone without a word. */
const watchdogMs = 2_000

/** Milliseconds of one XREAD: whoever waits longer looks in between whether the stream is still the same. */
const blockMs = 10_000

/** A blocked XREAD for each key, on a connection of its own: on a shared one they would stand in line. */
export class RedisBell {
  readonly #bell = new Bell()
  readonly #open: (key: string) => RedisConnection
  readonly #connections = new Map<string, RedisConnection>()

  constructor(target: RedisTarget, holdsProcess: boolean) {
    this.#open = (key) => new RedisConnection(target, key, { holdsProcess, blocking: true })
  }

  /** Resolves when there is an entry after one of these ids, by key, after the time or some 10 s, or when it is stopped. */
  wait(ids: ReadonlyMap<string, string>, waitMs: number, stop: AbortSignal): Promise<void> {
    const polls = [...ids].map(([key, id]) => [key, () => this.#poll(key, id)] as const)
    return this.#bell.wait(new Map(polls), waitMs, stop)
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.disconnect()
  }

  async #poll(key: string, id: string): Promise<void> {
    const connection = this.#connections.get(key) ?? this.#open(key)
    this.#connections.set(key, connection)
    const watchdog = setTimeout(() => connection.disconnect(), blockMs + watchdogMs).unref()
    try {
      await connection.use((client) => client.xread('COUNT', 1, 'BLOCK', blockMs, 'STREAMS', key, id))
    } finally {
      clearTimeout(watchdog)
    }
  }
}
