import { AurenError } from '../errors.ts'
import type { AurenEvent } from '../events/event.ts'
import { fromFieldList } from '../events/field-list.ts'
import { AppendError } from './event-stream.ts'
import type { EventPage, EventStream, ReadOptions, StreamEntry, StreamInfo, StreamPosition } from './event-stream.ts'
import { PendingWork } from './pending-work.ts'
import { RedisBell } from './redis-bell.ts'
import { RedisConnection } from './redis-connection.ts'
import { fromReply } from './redis-errors.ts'
import { entryId, parsePosition } from './redis-position.ts'
import { RedisSnapshots, valueOf } from './redis-snapshot.ts'
import { advance, assertReadable, assertSameLife, toPosition } from './redis-state.ts'
import { redisTarget } from './redis-target.ts'
import { Xadd } from './redis-xadd.ts'

export interface RedisStreamOptions {
  /** Key of the stream, default `auren:events`. Beside it stands the hash `<key>:meta`. */
  readonly key?: string
  /** Entries kept, default 50,000. Redis trims whole nodes (`MAXLEN ~`), so some more may stand. */
  readonly maxLength?: number
  /** Whether open connections keep the process alive, default true. */
  readonly holdsProcess?: boolean
  /**
   * Whether the position of an append tells how many were written before it, so that what is lost behind it can be counted;
   * default true. Who only writes does not need it, and appends cost less.
   */
  readonly countsAppends?: boolean
  /** Milliseconds that Redis has for an answer or a connection, default 5,000. */
  readonly timeoutMs?: number
}

type Entry = [id: string, fields: string[]]

/**
 * Events in one Redis stream, in the predecessor's layout. An append goes out as one transaction, so that nothing comes
 * between its events and a lost connection leaves all or none of them. Should Redis refuse single ones, which no known
 * error of XADD does to one event and not to the next, `failed` names exactly those: what stands behind them stays stored,
 * and only their own place in the order is lost. Reads use no consumer group: every reader sees everything.
 */
export function redisStream(url: string, options: RedisStreamOptions = {}): EventStream {
  return new RedisStream(url, options)
}

class RedisStream implements EventStream {
  readonly name: string
  readonly #key: string
  readonly #maxLength: number
  readonly #countsAppends: boolean
  readonly #xadd: Xadd
  readonly #connection: RedisConnection
  readonly #snapshots: RedisSnapshots
  readonly #bell: RedisBell
  readonly #closing = new AbortController()
  readonly #pending = new PendingWork()

  constructor(url: string, options: RedisStreamOptions) {
    const target = redisTarget(url)
    const holdsProcess = options.holdsProcess ?? true
    this.#key = options.key ?? 'auren:events'
    this.#maxLength = options.maxLength ?? 50_000
    this.#countsAppends = options.countsAppends ?? true
    this.#xadd = new Xadd(this.#key, this.#maxLength)
    this.name = `${target.name} ${this.#key}`
    this.#connection = new RedisConnection(target, this.#key, { holdsProcess, timeoutMs: options.timeoutMs })
    this.#snapshots = new RedisSnapshots(this.#connection, this.#key, target.metaKey(this.#key))
    this.#bell = new RedisBell(target, this.#key, holdsProcess)
  }

  async append(events: readonly AurenEvent[]): Promise<StreamPosition> {
    this.#assertOpen()
    try {
      return await this.#pending.track(this.#append(events))
    } catch (error) {
      throw error instanceof AppendError ? error : new AppendError(events, error)
    }
  }

  async read(after: StreamPosition, { limit = 500, waitMs = 0, signal }: ReadOptions = {}): Promise<EventPage> {
    const deadline = performance.now() + waitMs
    const stop = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal
    for (;;) {
      const page = await this.#whileOpen(() => this.#page(after, Math.max(1, limit)))
      const left = Math.ceil(deadline - performance.now())
      if (page.entries.length > 0 || page.malformed > 0 || left <= 0 || stop.aborted) return page
      await this.#bell.wait(entryId(parsePosition(after.id)), left, stop)
      if (stop.aborted) return page
    }
  }

  async recent(limit: number, before?: StreamPosition): Promise<readonly StreamEntry[]> {
    const entries = await this.#whileOpen(() => (before ? this.#earlier(before, limit) : this.#newest(limit)))
    return limit > 0 ? decode(entries, null).entries : []
  }

  async info(): Promise<StreamInfo> {
    const { state } = await this.#whileOpen(() => this.#snapshots.read((multi) => multi))
    return {
      epoch: state.epoch,
      length: state.length,
      first: toPosition(state, state.first),
      recent: toPosition(state, state.first),
      last: toPosition(state, state.last),
      maxLength: this.#maxLength,
      ordering: 'total',
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#pending.settled()
    this.#bell.close()
    this.#connection.disconnect()
  }

  async #append(events: readonly AurenEvent[]): Promise<StreamPosition> {
    if (events.length === 0) return (await this.info()).last
    const { epoch, added, replies } = await this.#snapshots.write((transaction) => {
      for (const event of events) transaction.write((commands) => this.#xadd.add(commands, event))
    }, this.#countsAppends)
    const refused = replies.find(([error]) => error !== null)?.[0]
    if (refused) throw new AppendError(events.filter((_, index) => replies[index]?.[0]), fromReply(refused)) // prettier-ignore
    const id = parsePosition(String(valueOf(replies.at(-1))))
    return toPosition({ epoch }, { ...id, ordinal: added === null ? null : added + events.length })
  }

  #newest(limit: number): Promise<Entry[]> {
    return this.#connection.use((client) => client.xrevrange(this.#key, '+', '-', 'COUNT', limit))
  }

  async #earlier(before: StreamPosition, limit: number): Promise<Entry[]> {
    const id = `(${entryId(parsePosition(before.id))}`
    const { state, replies } = await this.#snapshots.read((multi) =>
      multi.xrevrange(this.#key, id, '-', 'COUNT', limit),
    )
    assertSameLife(state, before)
    return valueOf(replies[0]) as Entry[]
  }

  async #page(after: StreamPosition, limit: number): Promise<EventPage> {
    const from = parsePosition(after.id)
    const { state, replies } = await this.#snapshots.read((multi) =>
      multi.xrange(this.#key, `(${entryId(from)}`, '+', 'COUNT', limit),
    )
    assertReadable(state, after, from)
    const entries = valueOf(replies[0]) as Entry[]
    const ids = entries.map(([id]) => id)
    const next = advance(state, from, ids, entries.length < limit)
    return { epoch: state.epoch, ...decode(entries, next.ordinal), next: toPosition(state, next) }
  }

  /** A read that closing cuts off is answered like any call that comes later. */
  async #whileOpen<T>(read: () => Promise<T>): Promise<T> {
    this.#assertOpen()
    try {
      return await read()
    } catch (error) {
      this.#assertOpen()
      throw error
    }
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new AurenError('AUREN_STREAM_CLOSED')
  }
}

/** `lastOrdinal` is that of the last entry, where it is known. */
function decode(entries: readonly Entry[], lastOrdinal: number | null): Pick<EventPage, 'entries' | 'malformed'> {
  const decoded: StreamEntry[] = []
  for (const [index, [id, fields]] of entries.entries()) {
    const entry = fromFieldList(fields)
    const ordinal = lastOrdinal === null ? null : lastOrdinal - (entries.length - 1 - index)
    const position = ordinal === null ? id : `${id}:${ordinal}`
    if (entry.ok) decoded.push({ id, position, event: entry.event })
  }
  return { entries: decoded, malformed: entries.length - decoded.length }
}
