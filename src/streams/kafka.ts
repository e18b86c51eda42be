import { setTimeout as sleep } from 'node:timers/promises'
import { AurenError } from '../errors.ts'
import type { AurenEvent } from '../events/event.ts'
import { AppendError, PositionLostError } from './event-stream.ts'
import type { EventPage, EventStream, ReadOptions, StreamEntry, StreamInfo, StreamPosition } from './event-stream.ts'
import { KafkaBell } from './kafka-bell.ts'
import { fromKafka, isOutOfRange } from './kafka-errors.ts'
import { beforeTopic, isBeforeTopic, parseOffsets, sum } from './kafka-position.ts'
import type { Offsets } from './kafka-position.ts'
import { decode } from './kafka-records.ts'
import type { StoredRecord } from './kafka-records.ts'
import type { KafkaSettings } from './kafka-settings.ts'
import { KafkaTopic } from './kafka-topic.ts'
import type { TopicBounds, TopicLayout } from './kafka-topic.ts'
import { KafkaWriter } from './kafka-writer.ts'
import { behind, formatPlaces, inOrder, toEntries } from './partitions.ts'
import { PendingWork } from './pending-work.ts'

/** Milliseconds between looks for a topic that nobody has made yet. */
const lookMs = 200
/** Records that a reader begins with: a topic may hold weeks. */
const recentRecords = 50_000
/** Milliseconds that closing waits for what is being appended: an agent must not be held by a broker that is silent. */
const closeMs = 5_000

interface Page extends EventPage {
  /** What to wait on when the page is empty; undefined when there is no topic. */
  readonly layout: TopicLayout | undefined
  readonly from: Offsets
}

/**
 * Events in one Kafka topic. Order holds within a partition, and so for the events of a trace; a page is ordered by time
 * across partitions. The id of the topic is the epoch, and a position has one offset a partition. Every reader keeps its own
 * position and sees everything: there is no consumer group. Only an append makes a topic that is missing.
 */
export class KafkaStream implements EventStream {
  readonly name: string
  readonly #topic: KafkaTopic
  readonly #bell: KafkaBell
  readonly #writer: KafkaWriter
  readonly #closing = new AbortController()
  readonly #pending = new PendingWork()
  #lastAppend: Promise<unknown> = Promise.resolve()
  #closed: Promise<unknown> | undefined

  constructor(settings: KafkaSettings) {
    this.name = settings.name
    this.#topic = new KafkaTopic(settings)
    this.#bell = new KafkaBell(settings)
    this.#writer = new KafkaWriter(settings, this.#topic)
  }

  async append(events: readonly AurenEvent[]): Promise<StreamPosition> {
    this.#assertOpen()
    const append = () => this.#append(events)
    const work = this.#lastAppend.then(append, append)
    this.#lastAppend = work
    try {
      return await this.#pending.track(work)
    } catch (error) {
      throw error instanceof AppendError ? error : new AppendError(events, fromKafka(error))
    }
  }

  async read(after: StreamPosition, { limit = 500, waitMs = 0, signal }: ReadOptions = {}): Promise<EventPage> {
    this.#assertOpen()
    const deadline = performance.now() + waitMs
    const stop = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal
    for (;;) {
      const left = deadline - performance.now()
      const { layout, from, ...page } = await this.#use(() => this.#page(after, Math.max(1, limit), left > 0))
      if (page.entries.length > 0 || page.malformed > 0 || left <= 0 || stop.aborted) return page
      if (layout) await this.#bell.wait(layout, from, left, stop)
      else await sleep(Math.min(lookMs, left), undefined, { signal: stop }).catch(() => undefined)
      if (stop.aborted) return page
    }
  }

  async recent(limit: number, before?: StreamPosition): Promise<readonly StreamEntry[]> {
    this.#assertOpen()
    return limit > 0 ? this.#use(() => this.#topic.use((layout) => this.#recent(layout, limit, before))) : []
  }

  async info(): Promise<StreamInfo> {
    this.#assertOpen()
    const bounds = await this.#use(() => this.#topic.presentBounds())
    const kept = { maxLength: null, ordering: 'partition' } as const
    if (bounds === undefined) {
      return { ...beforeTopic, ...kept, length: 0, first: beforeTopic, recent: beforeTopic, last: beforeTopic }
    }
    const { epoch, first, last } = bounds
    const at = (offsets: Offsets) => ({ epoch, id: formatPlaces(offsets) })
    return {
      epoch,
      length: sum(last) - sum(first),
      first: at(first),
      recent: at(tail(bounds, Math.ceil(recentRecords / last.length))),
      last: at(last),
      maxLength: null,
      ordering: last.length > 1 ? 'partition' : 'total',
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const inTime = new AbortController()
    const late = sleep(closeMs, undefined, { signal: inTime.signal }).catch(() => undefined)
    await Promise.race([this.#pending.settled(), late])
    inTime.abort()
    this.#closed ??= Promise.allSettled([this.#topic.close(), this.#bell.close(), this.#writer.close()])
    await this.#closed
  }

  async #append(events: readonly AurenEvent[]): Promise<StreamPosition> {
    if (events.length > 0) return this.#writer.append(events)
    const bounds = await this.#topic.presentBounds()
    return bounds ? { epoch: bounds.epoch, id: formatPlaces(bounds.last) } : beforeTopic
  }

  #page(after: StreamPosition, limit: number, isPatient: boolean): Promise<Page> {
    const isFirst = isBeforeTopic(after)
    const read = async (layout: TopicLayout | null): Promise<Page> => {
      if (layout === null) return withoutTopic(after, isPatient)
      const from = isFirst ? layout.leaders.map(() => 0) : parseOffsets(after.id, layout.leaders.length)
      if (after.epoch !== layout.epoch && !isFirst) throw replaced(await this.#topic.bounds(layout))
      try {
        const fetched = await this.#topic.records(layout, from)
        const records = inOrder(fetched.records).slice(0, limit)
        const { epoch } = layout
        const next = records.length === 0 ? after : { epoch, id: formatPlaces(behind(from, records)) }
        const isEnd = records.length === 0 || (fetched.isEnd && records.length === fetched.records.length)
        return { epoch, ...toEntries(records, from, decode), next, isEnd, layout, from }
      } catch (error) {
        if (!isOutOfRange(error)) throw error
        throw lost(await this.#topic.bounds(layout), from) ?? error
      }
    }
    return this.#topic.use(read, isFirst ? undefined : after.epoch)
  }

  /** What stands before an entry is what had been read with it, but for itself. */
  async #recent(layout: TopicLayout | null, limit: number, before?: StreamPosition): Promise<readonly StreamEntry[]> {
    if (layout === null) return []
    const bounds = await this.#topic.bounds(layout)
    if (before === undefined) return this.#newest(layout, bounds, limit)
    if (before.epoch !== layout.epoch) throw replaced(bounds)
    const last = parseOffsets(before.id, layout.leaders.length)
    const entries = await this.#newest(layout, { ...bounds, last }, limit + 1)
    return entries.filter(({ position }) => position !== before.id).slice(0, limit)
  }

  async #newest(layout: TopicLayout, bounds: TopicBounds, limit: number): Promise<readonly StreamEntry[]> {
    for (let count = limit; ; count *= 4) {
      const from = tail(bounds, count)
      const records = inOrder(await this.#through(layout, from, bounds.last))
      const { entries, malformed } = toEntries(records, from, decode)
      // Then every partition gave as many events as are asked for, or all it has: none newer is missing.
      if (malformed <= count - limit || count > Math.min(recentRecords, sum(bounds.last)))
        return entries.slice(-limit).reverse()
    }
  }

  async #through(layout: TopicLayout, from: Offsets, end: Offsets): Promise<StoredRecord[]> {
    const records: StoredRecord[] = []
    for (let at = from; at.some((offset, partition) => offset < (end[partition] ?? 0));) {
      const { records: more } = await this.#topic.records(layout, at)
      if (more.length === 0) break
      // An answer goes on behind the end.
      records.push(...more.filter(({ partition, place }) => place <= (end[partition] ?? 0)))
      at = behind(at, more)
    }
    return records
  }

  async #use<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      this.#assertOpen()
      throw fromKafka(error)
    }
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new AurenError('AUREN_STREAM_CLOSED')
  }
}

/** Before so many records of each partition, or all it has. */
function tail({ first, last }: TopicBounds, count: number): Offsets {
  return last.map((end, partition) => Math.max(first[partition] ?? 0, end - count))
}

/** Whoever has read a topic waits for the next one of that name: a broker that starts may not know it yet. */
function withoutTopic(after: StreamPosition, isPatient: boolean): Page {
  if (!isBeforeTopic(after) && !isPatient)
    throw new AurenError('AUREN_STREAM_UNAVAILABLE', { detail: 'there is no such topic' })
  return { epoch: after.epoch, entries: [], malformed: 0, next: after, isEnd: true, layout: undefined, from: [] }
}

function replaced({ epoch, first }: TopicBounds): PositionLostError {
  return new PositionLostError('epoch_changed', { epoch, id: formatPlaces(first) }, null)
}

/** What became of these offsets; undefined when they can be read after all. */
function lost({ epoch, first, last }: TopicBounds, from: Offsets): PositionLostError | undefined {
  const at = (offsets: Offsets) => ({ epoch, id: formatPlaces(offsets) })
  if (from.some((offset, partition) => offset > (last[partition] ?? 0))) {
    const back = from.map((offset, partition) =>
      Math.min(Math.max(offset, first[partition] ?? 0), last[partition] ?? 0),
    )
    return new PositionLostError('future_cursor', at(back), null)
  }
  const start = from.map((offset, partition) => Math.max(offset, first[partition] ?? 0))
  const missed = sum(start) - sum(from)
  return missed > 0 ? new PositionLostError('trimmed', at(start), missed) : undefined
}
