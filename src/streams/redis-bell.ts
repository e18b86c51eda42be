import { RedisConnection } from './redis-connection.ts'
import type { RedisTarget } from './redis-target.ts'

/** Milliseconds beyond its wait after which a blocked XREAD is taken for dead: the other side may be gone without a word. */
const watchdogMs = 2_000

/** Milliseconds of one XREAD: whoever waits longer looks in between whether the stream is still the same. */
const maxBlockMs = 10_000

/**
 * Blocking reads that only tell that there is something: what arrived is read in a transaction, where a gap would be seen.
 * Each waits on a connection of its own, since on a shared one they would stand in line; one is kept for the next.
 */
export class RedisBell {
  readonly #target: RedisTarget
  readonly #key: string
  readonly #holdsProcess: boolean
  #idle: RedisConnection | undefined

  constructor(target: RedisTarget, key: string, holdsProcess: boolean) {
    this.#target = target
    this.#key = key
    this.#holdsProcess = holdsProcess
  }

  /** Resolves when there is an entry after `id`, after the time or some 10 s, or when it is stopped. */
  async wait(id: string, waitMs: number, stop: AbortSignal): Promise<void> {
    const connection = this.#take()
    const blockMs = Math.min(waitMs, maxBlockMs)
    const end = () => connection.disconnect()
    const watchdog = setTimeout(end, blockMs + watchdogMs)
    stop.addEventListener('abort', end, { once: true })
    try {
      await connection.use((client) => client.xread('COUNT', 1, 'BLOCK', blockMs, 'STREAMS', this.#key, id))
      this.#keep(connection, stop)
    } catch (error) {
      end()
      if (!stop.aborted) throw error
    } finally {
      clearTimeout(watchdog)
      stop.removeEventListener('abort', end)
    }
  }

  close(): void {
    this.#idle?.disconnect()
    this.#idle = undefined
  }

  #take(): RedisConnection {
    const connection = this.#idle
    this.#idle = undefined
    return (
      connection ?? new RedisConnection(this.#target, this.#key, { holdsProcess: this.#holdsProcess, blocking: true })
    )
  }

  #keep(connection: RedisConnection, stop: AbortSignal): void {
    if (stop.aborted || this.#idle !== undefined) connection.disconnect()
    else this.#idle = connection
  }
}
