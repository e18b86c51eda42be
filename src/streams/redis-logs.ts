import { crc32 } from 'node:zlib'
import type { AurenEvent } from '../events/event.ts'
import { appendError, joined } from './event-stream.ts'
import type { AppendError, EventPage, StreamEntry, StreamPosition } from './event-stream.ts'
import { behind, inOrder, toEntries } from './partitions.ts'
import { RedisConnection } from './redis-connection.ts'
import type { ConnectionOptions } from './redis-connection.ts'
import { decode, RedisLog } from './redis-log.ts'
import type { LogPage, RedisRecord } from './redis-log.ts'
import { allPages, joinPositions, splitPosition } from './redis-places.ts'
import { compare, entryId, parsePosition } from './redis-position.ts'
import { toPosition } from './redis-state.ts'
import type { StreamState } from './redis-state.ts'
import type { RedisTarget } from './redis-target.ts'

export interface RedisLogsOptions extends ConnectionOptions {
  readonly key: string
  /** Keys among which the traces are divided; 1: the key itself. */
  readonly streams: number
  /** Of all together. */
  readonly maxLength: number
  readonly countsAppends: boolean
}

/** The streams of Redis that make up one of ours: mostly one, or several that divide the traces among them. */
export class RedisLogs {
  readonly #options: RedisLogsOptions
  readonly #connections: readonly RedisConnection[]
  readonly #logs: readonly RedisLog[]
  /** Behind our last append to each. */
  readonly #ends: (StreamPosition | undefined)[] = []

  constructor(target: RedisTarget, options: RedisLogsOptions) {
    const { key, streams, maxLength, countsAppends } = options
    this.#options = options
    // The last is one that nobody writes who divides the stream as we do.
    const keys = streams === 1 ? [key] : Array.from({ length: streams + 1 }, (_, log) => keyOf(key, log))
    const one = target.isOneNode ? new RedisConnection(target, key, options) : undefined
    const connections = keys.map((key) => one ?? new RedisConnection(target, key, options))
    this.#connections = connections
    this.#logs = keys.slice(0, streams).map(
      (key, partition) =>
        new RedisLog(connections[partition] as RedisConnection, {
          key,
          metaKey: target.metaKey(key),
          partition,
          idPrefix: streams === 1 ? '' : `${partition}-`,
          maxLength: Math.ceil(maxLength / streams),
          countsAppends,
        }),
    )
  }

  /** Rejects with AppendError where some were not stored. */
  async append(events: readonly AurenEvent[]): Promise<StreamPosition> {
    if (events.length === 0) return joinPositions((await this.states()).map((state) => toPosition(state, state.last)))
    const [only, ...others] = this.#logs
    if (only && others.length === 0) return only.append(events)
    const shares = Map.groupBy(events, (event) => logOf(event, this.#logs.length))
    const failures: AppendError[] = []
    const append = async ([log, share]: readonly [number, readonly AurenEvent[]]) => {
      try {
        this.#ends[log] = await this.#logs[log]?.append(share)
      } catch (error) {
        failures.push(appendError(share, error))
      }
    }
    await Promise.all([...shares].map(append))
    if (failures.length > 0) throw joined(events, failures)
    return joinPositions(await Promise.all(this.#logs.map((log, index) => this.#end(log, index))))
  }

  /** As many entries of each log; of those that come later than what another log has not given yet none. */
  async page(after: StreamPosition, limit: number): Promise<EventPage> {
    const positions = splitPosition(after, this.#logs.length)
    const share = Math.ceil(limit / this.#logs.length)
    const pages = await allPages(this.#logs.map((log, index) => log.page(positions[index], share)))
    const found = pages.flatMap(({ records }) => records)
    const horizon = Math.min(...pages.map(horizonOf))
    const records = inOrder(found.filter(({ timestamp }) => timestamp <= horizon)).slice(0, limit)
    const from = pages.map((page) => page.from)
    const places = behind(from, records)
    const next = joinPositions(pages.map(({ epoch }, log) => ({ epoch, id: places[log] ?? '' })))
    const isEnd = pages.every((page) => page.isEnd) && records.length === found.length
    return { epoch: next.epoch, ...toEntries(records, from, decode), next, isEnd }
  }

  /** The newest first. What stands before an entry is what had been read with it, but for itself. */
  async recent(limit: number, before?: StreamPosition): Promise<readonly StreamEntry[]> {
    const ends = before && splitPosition(before, this.#logs.length)
    const pages = await allPages(
      this.#logs.map((log, index) => (ends ? log.until(ends[index], limit + 1) : log.newest(limit))),
    )
    const records = [...inOrder(pages.flatMap((page) => page.records))]
    const last = records.at(-1)
    if (last && isAt(last, ends?.[last.partition])) records.pop()
    const { entries } = toEntries(records, pages.map(({ from }) => from), decode) // prettier-ignore
    return entries.slice(-limit).reverse()
  }

  states(): Promise<readonly StreamState[]> {
    return Promise.all(this.#logs.map((log) => log.state()))
  }

  /** Whether somebody divides the stream among more. */
  async areMore(): Promise<boolean> {
    const { key, streams } = this.#options
    return (await this.#connections[streams]?.use((client) => client.exists(keyOf(key, streams)))) === 1
  }

  /** The ids behind which a position reads on, by key. */
  entryIds(position: StreamPosition): ReadonlyMap<string, string> {
    const positions = splitPosition(position, this.#logs.length)
    return new Map(this.#logs.map(({ key }, log) => [key, entryId(parsePosition(positions[log]?.id ?? ''))]))
  }

  disconnect(): void {
    for (const connection of this.#connections) connection.disconnect()
  }

  /** Who does not count appends has no use for positions, and asks for none. */
  async #end(log: RedisLog, index: number): Promise<StreamPosition | undefined> {
    if (this.#ends[index] !== undefined || !this.#options.countsAppends) return this.#ends[index]
    const state = await log.state().catch(() => undefined)
    return state && toPosition(state, state.last)
  }
}

/** The braces are those by which a cluster places a key: each of several has a slot of its own. */
function keyOf(key: string, log: number): string {
  return `${key}:{${log}}`
}

/** By the trace, so that its order holds; without one by its own id, so that a copy stands behind the first. */
function logOf({ trace_id: traceId, event_id: eventId }: AurenEvent, logs: number): number {
  return crc32(traceId || eventId) % logs
}

function isAt({ place }: RedisRecord, position: StreamPosition | undefined): boolean {
  return position !== undefined && compare(parsePosition(place), parsePosition(position.id)) === 0
}

/** Milliseconds up to which a page has all there is of its log. */
function horizonOf({ records, isEnd }: LogPage): number {
  return isEnd ? Infinity : (records.at(-1)?.timestamp ?? Infinity)
}
