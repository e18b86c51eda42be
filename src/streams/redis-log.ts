import type { AurenEvent } from '../events/event.ts'
import { fromFieldList } from '../events/field-list.ts'
import type { DecodedEntry } from '../events/stored-event.ts'
import { AppendError } from './event-stream.ts'
import type { StreamPosition } from './event-stream.ts'
import type { PartitionRecord } from './partitions.ts'
import type { RedisConnection } from './redis-connection.ts'
import { fromReply } from './redis-errors.ts'
import { before, entryId, formatPosition, parsePosition } from './redis-position.ts'
import { RedisSnapshots, valueOf } from './redis-snapshot.ts'
import { advance, assertReadable, assertSameLife, toPosition } from './redis-state.ts'
import type { StreamState } from './redis-state.ts'
import { Xadd } from './redis-xadd.ts'

export interface RedisLogOptions {
  readonly key: string
  /** Where the epoch is. */
  readonly metaKey: string
  readonly partition: number
  /** Before the ids of its entries, so that they are unique among several logs. */
  readonly idPrefix: string
  readonly maxLength: number
  readonly countsAppends: boolean
}

export interface RedisRecord extends PartitionRecord<string> {
  readonly fields: readonly string[]
}

export interface LogPage {
  readonly epoch: string
  /** The place that was read after. */
  readonly from: string
  /** Oldest first. */
  readonly records: readonly RedisRecord[]
  readonly isEnd: boolean
}

/** `from` is empty where there are none, and `epoch` where it was not asked for. */
export type NewestPage = Omit<LogPage, 'isEnd'>

type Entry = [id: string, fields: string[]]

/** One stream of Redis, in the predecessor's layout. */
export class RedisLog {
  readonly key: string
  readonly #options: RedisLogOptions
  readonly #connection: RedisConnection
  readonly #snapshots: RedisSnapshots
  readonly #xadd: Xadd

  constructor(connection: RedisConnection, options: RedisLogOptions) {
    this.key = options.key
    this.#options = options
    this.#connection = connection
    this.#snapshots = new RedisSnapshots(connection, options.key, options.metaKey)
    this.#xadd = new Xadd(options.key, options.maxLength)
  }

  /**
   * As one transaction, so that nothing comes between its events and a lost connection leaves all or none of them. Should
   * Redis refuse single ones, which no known error of XADD does to one event and not to the next, `failed` names exactly
   * those: what stands behind them stays stored, and only their own place in the order is lost.
   */
  async append(events: readonly AurenEvent[]): Promise<StreamPosition> {
    const { epoch, added, replies } = await this.#snapshots.write((transaction) => {
      for (const event of events) transaction.write((commands) => this.#xadd.add(commands, event))
    }, this.#options.countsAppends)
    const refused = replies.find(([error]) => error !== null)?.[0]
    if (refused) {
      const failed = events.filter((_, index) => replies[index]?.[0])
      throw new AppendError(failed, fromReply(refused))
    }
    const id = parsePosition(String(valueOf(replies.at(-1))))
    return toPosition({ epoch }, { ...id, ordinal: added === null ? null : added + events.length })
  }

  /** Entries after a position, or all there are. Rejects with PositionLostError when some of them were trimmed. */
  async page(after: StreamPosition | undefined, limit: number): Promise<LogPage> {
    const asked = after && parsePosition(after.id)
    const { state, replies } = await this.#snapshots.read((multi) =>
      multi.xrange(this.key, asked ? `(${entryId(asked)}` : '-', '+', 'COUNT', limit),
    )
    if (after && asked) assertReadable(state, after, asked)
    const from = asked ?? state.first
    const entries = valueOf(replies[0]) as Entry[]
    const isEnd = entries.length < limit
    const { ordinal } = advance(state, from, entries.map(([id]) => id), isEnd) // prettier-ignore
    return { epoch: state.epoch, from: formatPosition(from), records: this.#records(entries, ordinal), isEnd }
  }

  /** The newest entries, oldest first. */
  async newest(limit: number): Promise<NewestPage> {
    const entries = await this.#connection.use((client) => client.xrevrange(this.key, '+', '-', 'COUNT', limit))
    return { epoch: '', ...this.#backwards(entries) }
  }

  /** As `newest`, of those up to a position; none of an unknown one. Rejects with PositionLostError in another life. */
  async until(end: StreamPosition | undefined, limit: number): Promise<NewestPage> {
    if (end === undefined) return { epoch: '', ...this.#backwards([]) }
    const id = entryId(parsePosition(end.id))
    const { state, replies } = await this.#snapshots.read((multi) => multi.xrevrange(this.key, id, '-', 'COUNT', limit))
    assertSameLife(state, end)
    return { epoch: state.epoch, ...this.#backwards(valueOf(replies[0]) as Entry[]) }
  }

  async state(): Promise<StreamState> {
    return (await this.#snapshots.read((multi) => multi)).state
  }

  #backwards(entries: readonly Entry[]): Pick<NewestPage, 'from' | 'records'> {
    const records = this.#records(entries.toReversed(), null)
    return { from: records[0] ? formatPosition(before(parsePosition(records[0].place))) : '', records }
  }

  /** `lastOrdinal` is that of the last entry, where it is known. */
  #records(entries: readonly Entry[], lastOrdinal: number | null): RedisRecord[] {
    const { partition, idPrefix } = this.#options
    return entries.map(([id, fields], index) => {
      const place = lastOrdinal === null ? id : `${id}:${lastOrdinal - (entries.length - 1 - index)}`
      return { partition, id: idPrefix + id, timestamp: Number.parseInt(id, 10), place, fields }
    })
  }
}

export function decode({ fields }: RedisRecord): DecodedEntry {
  return fromFieldList(fields)
}
