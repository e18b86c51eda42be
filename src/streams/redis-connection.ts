import { Redis } from 'ioredis'
import type { RedisOptions } from 'ioredis'
import { AurenError } from '../errors.ts'

/** Milliseconds after which a command or a connection attempt is taken for dead. */
const timeoutMs = 5_000

/**
 * Reconnecting is left to the caller's next call: ioredis would queue or re-send commands behind our back, and 6.0.0 can
 * leave promises unsettled when it does (gateway.md §0.5). With no retry strategy every command in flight is rejected at
 * once when the connection closes.
 */
const settings = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: null,
  connectTimeout: timeoutMs,
  keepAlive: 10_000,
  // RESP2 replies are the same arrays on every server, proxies that know no HELLO included.
  protocol: 2,
} satisfies RedisOptions

export interface ConnectionOptions {
  /** Whether an open connection keeps the process alive. */
  readonly holdsProcess: boolean
  /** For blocking commands, which may take as long as they like; others are given up after 5 s. */
  readonly blocking?: boolean
}

/** One Redis connection, opened on first use and again after it was lost. */
export class RedisConnection {
  readonly #url: string
  readonly #options: ConnectionOptions
  #client: Promise<Redis> | undefined

  constructor(url: string, options: ConnectionOptions) {
    this.#url = url
    this.#options = options
  }

  /** Runs commands on a working connection. Rejects with AUREN_STREAM_UNAVAILABLE when it cannot be had or breaks. */
  async use<T>(commands: (client: Redis) => Promise<T>): Promise<T> {
    const opening = (this.#client ??= this.#open(() => this.#forget(opening)))
    try {
      return await commands(await opening)
    } catch (error) {
      if (isReply(error)) throw fromReply(error)
      this.#drop(opening)
      throw error instanceof AurenError ? error : new AurenError('AUREN_STREAM_UNAVAILABLE', { cause: error })
    }
  }

  /** Ends the connection; commands in flight are rejected. A later use opens a new one. */
  disconnect(): void {
    if (this.#client) this.#drop(this.#client)
  }

  #forget(opening: Promise<Redis>): void {
    if (this.#client === opening) this.#client = undefined
  }

  #drop(opening: Promise<Redis>): void {
    this.#forget(opening)
    void opening.then(
      (client) => client.disconnect(),
      () => undefined,
    )
  }

  async #open(onClosed: () => void): Promise<Redis> {
    const client = new Redis(this.#url, this.#options.blocking ? settings : { ...settings, commandTimeout: timeoutMs })
    // Without a listener Node would throw; every command in flight is rejected with the same error anyway.
    client.on('error', () => undefined)
    // A connection that is lost while nobody uses it must not fail the next use.
    client.on('close', onClosed)
    if (!this.#options.holdsProcess) client.on('connect', () => client.stream.unref())
    try {
      await client.connect()
      return client
    } catch (error) {
      client.disconnect()
      throw error
    }
  }
}

/** An error that Redis answered with, as opposed to a broken connection. */
function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError'
}

/** Redis' own error words (`WRONGTYPE …`, `OOM …`, `NOAUTH …`) → our codes; the text never holds a credential. */
export function fromReply(error: Error): AurenError {
  const wrongType = error.message.startsWith('WRONGTYPE')
  return new AurenError(wrongType ? 'AUREN_STREAM_WRONG_TYPE' : 'AUREN_STREAM_UNAVAILABLE', { cause: error })
}
