import { randomBytes } from 'node:crypto'
import type { ChainableCommander, Redis } from 'ioredis'
import { context } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import { AurenError } from '../errors.ts'
import type { AurenEvent } from '../events/event.ts'
import { fromFieldList, toFieldList } from '../events/field-list.ts'
import { AppendError } from './event-stream.ts'
import type { EventPage, EventStream, ReadOptions, StreamEntry, StreamInfo, StreamPosition } from './event-stream.ts'
import { RedisConnection, fromReply } from './redis-connection.ts'
import { entryId, parsePosition } from './redis-position.ts'
import { advance, assertReadable, emptyState, parseState, toPosition } from './redis-state.ts'
import type { StreamState } from './redis-state.ts'

export interface RedisStreamOptions {
  /** Key of the stream, default `auren:events`. Beside it stands the hash `<key>:meta`. */
  readonly key?: string
  /** Entries kept, default 50,000. Redis trims whole nodes (`MAXLEN ~`), so some more may stand. */
  readonly maxLength?: number
  /** Whether open connections keep the process alive, default true. */
  readonly holdsProcess?: boolean
}

/** Milliseconds beyond its wait after which a blocked XREAD is taken for dead: the other side may be gone without a word. */
const watchdogMs = 2_000

type Entry = [id: string, fields: string[]]

/**
 * Events in one Redis stream, in the predecessor's layout. Appends go out as one transaction, so that a batch is stored
 * whole and in order or not at all. Reads use no consumer group: every reader sees everything.
 */
export function redisStream(url: string, options: RedisStreamOptions = {}): EventStream {
  return new RedisStream(url, options)
}

class RedisStream implements EventStream {
  readonly name: string
  readonly #key: string
  readonly #maxLength: number
  readonly #commands: RedisConnection
  readonly #waits: RedisConnection
  readonly #closing = new AbortController()
  readonly #pending = new Set<Promise<unknown>>()
  #epochKnown = false

  constructor(url: string, options: RedisStreamOptions) {
    const { protocol, host, pathname } = new URL(url)
    this.#key = options.key ?? 'auren:events'
    this.#maxLength = options.maxLength ?? 50_000
    this.name = `${protocol}//${host}${pathname} ${this.#key}`
    const holdsProcess = options.holdsProcess ?? true
    this.#commands = new RedisConnection(url, { holdsProcess })
    this.#waits = new RedisConnection(url, { holdsProcess, blocking: true })
  }

  async append(events: readonly AurenEvent[]): Promise<StreamPosition> {
    this.#assertOpen()
    const work = this.#append(events)
    this.#pending.add(work)
    try {
      return await work
    } catch (error) {
      throw new AppendError(events, error)
    } finally {
      this.#pending.delete(work)
    }
  }

  async read(after: StreamPosition, { limit = 500, waitMs = 0, signal }: ReadOptions = {}): Promise<EventPage> {
    const from = parsePosition(after.id)
    const deadline = performance.now() + waitMs
    const stop = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal
    for (;;) {
      const page = await this.#page(after, limit)
      const left = Math.ceil(deadline - performance.now())
      if (page.entries.length > 0 || page.malformed > 0 || left <= 0 || stop.aborted) return page
      await this.#waitForEntry(entryId(from), left, stop)
      if (stop.aborted) return page
    }
  }

  async recent(limit: number): Promise<readonly StreamEntry[]> {
    this.#assertOpen()
    const entries = await this.#run((client) => client.xrevrange(this.#key, '+', '-', 'COUNT', limit))
    return decode(entries).entries
  }

  async info(): Promise<StreamInfo> {
    const [state] = await this.#transaction((multi) => multi)
    return {
      epoch: state.epoch,
      length: state.length,
      first: toPosition(state, state.first),
      last: toPosition(state, state.last),
      maxLength: this.#maxLength,
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#pending)
    this.#waits.disconnect()
    this.#commands.disconnect()
  }

  async #append(events: readonly AurenEvent[]): Promise<StreamPosition> {
    const [state, results] = await this.#transaction((multi) => {
      for (const event of events) {
        multi.xadd(this.#key, 'MAXLEN', '~', this.#maxLength, '*', ...toFieldList(event))
      }
      return multi
    })
    const id = parsePosition(String(results.at(-1)))
    return toPosition(state, { ...id, ordinal: state.added === null ? null : state.added + events.length })
  }

  async #page(after: StreamPosition, limit: number): Promise<EventPage> {
    const from = parsePosition(after.id)
    const [state, [reply]] = await this.#transaction((multi) =>
      multi.xrange(this.#key, `(${entryId(from)}`, '+', 'COUNT', limit),
    )
    assertReadable(state, after, from)
    const entries = reply as Entry[]
    const newest = entries.at(-1)?.[0]
    const all = entries.length < limit
    const next = newest === undefined ? from : advance(state, from, newest, entries.length, all)
    return { epoch: state.epoch, ...decode(entries), next: toPosition(state, next) }
  }

  /** The stream's state and the replies of these commands, all of one moment. */
  async #transaction(add: (multi: ChainableCommander) => ChainableCommander): Promise<[StreamState, unknown[]]> {
    this.#assertOpen()
    if (!this.#epochKnown) await this.#ensureEpoch()
    const replies = await this.#run((client) => {
      const multi = client.multi()
      multi.hget(this.#metaKey, 'epoch').xinfo('STREAM', this.#key)
      return add(multi).exec()
    })
    const [epoch, info, ...rest] = replies ?? []
    if (typeof epoch?.[1] !== 'string') {
      this.#epochKnown = false
      return this.#transaction(add)
    }
    const missing = info?.[0]?.message.includes('no such key') ?? false
    if (info?.[0] && !missing) throw fromReply(info[0])
    for (const [error] of rest) if (error) throw fromReply(error)
    const state = missing ? emptyState(epoch[1]) : parseState(epoch[1], info?.[1] as unknown[])
    return [state, rest.map(([, value]) => value)]
  }

  get #metaKey(): string {
    return `${this.#key}:meta`
  }

  /** The epoch is made by whoever comes first; a flushed Redis loses it, and the next one differs. */
  async #ensureEpoch(): Promise<void> {
    await this.#run((client) => client.hsetnx(this.#metaKey, 'epoch', randomBytes(6).toString('hex')))
    this.#epochKnown = true
  }

  /** A blocking XREAD is only the bell: what arrived is read in a transaction, where a gap would be seen. */
  async #waitForEntry(id: string, waitMs: number, stop: AbortSignal): Promise<void> {
    const end = () => this.#waits.disconnect()
    stop.addEventListener('abort', end, { once: true })
    const watchdog = setTimeout(end, waitMs + watchdogMs)
    try {
      await suppressed(() =>
        this.#waits.use((client) => client.xread('COUNT', 1, 'BLOCK', waitMs, 'STREAMS', this.#key, id)),
      )
    } catch (error) {
      if (!stop.aborted) throw error
    } finally {
      clearTimeout(watchdog)
      stop.removeEventListener('abort', end)
    }
  }

  #run<T>(commands: (client: Redis) => Promise<T>): Promise<T> {
    return suppressed(() => this.#commands.use(commands))
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new AurenError('AUREN_STREAM_CLOSED')
  }
}

/** An instrumented Redis client must make no spans about our own reads and writes. */
function suppressed<T>(work: () => T): T {
  return context.with(suppressTracing(context.active()), work)
}

function decode(entries: readonly Entry[]): Pick<EventPage, 'entries' | 'malformed'> {
  const decoded: StreamEntry[] = []
  for (const [id, fields] of entries) {
    const entry = fromFieldList(fields)
    if (entry.ok) decoded.push({ id, event: entry.event })
  }
  return { entries: decoded, malformed: entries.length - decoded.length }
}
