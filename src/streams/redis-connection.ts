import { context } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import type { Redis, RedisOptions } from 'ioredis'
import { AurenError } from '../errors.ts'
import { fromFailure, fromReply, isReply, movesTheServer } from './redis-errors.ts'
import type { RedisTarget } from './redis-target.ts'

/** Milliseconds after which a command or a connection attempt is taken for dead. */
const defaultTimeoutMs = 5_000

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
  // Milliseconds that a server which says nothing has for closing its side: only the socket's end settles its commands.
  disconnectTimeout: 1,
  keepAlive: 10_000,
  // RESP2 replies are the same arrays on every server, proxies that know no HELLO included.
  protocol: 2,
} satisfies RedisOptions

export interface ConnectionOptions {
  /** Whether an open connection keeps the process alive. */
  readonly holdsProcess: boolean
  /** For blocking commands, which may take as long as they like; others are given up after `timeoutMs`. */
  readonly blocking?: boolean
  /** Milliseconds after which a command or a connection attempt is taken for dead, default 5,000. */
  readonly timeoutMs?: number | undefined
}

class Link {
  client: Redis | undefined
  ready!: Promise<Redis>
  isDropped = false
}

/** One Redis connection, opened on first use and again after it was lost. */
export class RedisConnection {
  readonly #target: RedisTarget
  readonly #key: string
  readonly #options: ConnectionOptions
  #link: Link | undefined

  /** To where the stream of this key is. */
  constructor(target: RedisTarget, key: string, options: ConnectionOptions) {
    this.#target = target
    this.#key = key
    this.#options = options
  }

  /**
   * Runs commands on a working connection. Rejects with AUREN_STREAM_UNAVAILABLE when it cannot be had or breaks. An
   * instrumented client makes no spans about it, which would be spans about our own spans.
   */
  use<T>(commands: (client: Redis) => Promise<T>): Promise<T> {
    return context.with(suppressTracing(context.active()), () => this.#use(commands))
  }

  /** Ends the connection, or the attempt at one; commands in flight are rejected. A later use opens a new one. */
  disconnect(): void {
    if (this.#link) this.#drop(this.#link)
  }

  async #use<T>(commands: (client: Redis) => Promise<T>): Promise<T> {
    const link = (this.#link ??= this.#open())
    try {
      return await commands(await link.ready)
    } catch (error) {
      if (!isReply(error) || movesTheServer(error)) this.#drop(link)
      if (error instanceof AurenError) throw error
      throw isReply(error) ? fromReply(error) : fromFailure(error)
    }
  }

  #drop(link: Link): void {
    // Once: of many commands that fail together each comes here, and ioredis adds a listener every time.
    if (this.#link !== link) return
    this.#link = undefined
    link.isDropped = true
    link.client?.disconnect()
  }

  #open(): Link {
    const link = new Link()
    link.ready = this.#connect(link)
    link.ready.catch(() => this.#drop(link))
    return link
  }

  async #connect(link: Link): Promise<Redis> {
    const { blocking = false, timeoutMs = defaultTimeoutMs } = this.#options
    const commandTimeout = blocking ? {} : { commandTimeout: timeoutMs }
    const bounds = { ...settings, connectTimeout: timeoutMs, ...commandTimeout }
    const client = await this.#target.client(this.#key, bounds)
    if (link.isDropped) throw new Error('the connection was given up')
    link.client = client
    // A connection that is lost while nobody uses it must not fail the next use.
    client.on('close', () => {
      if (this.#link === link) this.#link = undefined
    })
    if (!this.#options.holdsProcess) client.on('connect', () => client.stream.unref())
    await connect(client, timeoutMs)
    return client
  }
}

/** As `client.connect()`, but bounded in time from the first packet to the server's readiness, and with the real reason. */
async function connect(client: Redis, timeoutMs: number): Promise<void> {
  let reason: unknown
  // Without a listener ioredis would print it; every command in flight is rejected anyway.
  client.on('error', (error) => (reason ??= error))
  const deadline = setTimeout(() => {
    reason ??= new Error(`no answer within ${timeoutMs} ms`)
    client.disconnect()
  }, timeoutMs)
  try {
    await client.connect()
  } catch (error) {
    throw reason ?? error
  } finally {
    clearTimeout(deadline)
  }
}
