import { setTimeout as sleep } from 'node:timers/promises'
import { Admin, fetchV13 } from '@platformatic/kafka'
import { AurenError } from '../errors.ts'
import { isSettling, isUnknownTopic } from './kafka-errors.ts'
import type { Offsets } from './kafka-position.ts'
import { storedRecords } from './kafka-records.ts'
import type { StoredRecord } from './kafka-records.ts'
import type { KafkaSettings } from './kafka-settings.ts'
import { letProcessEnd } from './kafka-sockets.ts'
import { behind } from './partitions.ts'

/** Which life of the topic this is, and the node that leads each partition. */
export interface TopicLayout {
  readonly epoch: string
  readonly leaders: readonly number[]
}

export interface TopicBounds {
  readonly epoch: string
  /** Offset of the oldest record of each partition. */
  readonly first: Offsets
  /** Offset that the next record of each partition will get. */
  readonly last: Offsets
}

export interface Fetched {
  readonly records: readonly StoredRecord[]
  /** Whether these were all there were: an answer has at most 1 MiB. */
  readonly isEnd: boolean
}

/** Milliseconds for which a topic that was just made, deleted or moved is asked for again, and the pause in between. */
const settleMs = 5_000
const settlePauseMs = 50
/** Milliseconds after which the layout is looked at again: partitions may have been added. */
const layoutAgeMs = 10_000
/** Bytes of one answer. A batch that is larger still comes whole. */
const fetchBytes = 1_048_576

/**
 * One topic as its readers see it. Nothing here makes it. Records are asked for without a session or a group (fetch requests
 * of version 13 name the topic by its id, so that a topic made anew is never mistaken for the old one; Kafka 3.1 or later).
 */
export class KafkaTopic {
  readonly #settings: KafkaSettings
  readonly #admin: Admin
  #layout: { readonly known: TopicLayout | null; readonly at: number } | undefined

  constructor(settings: KafkaSettings) {
    this.#settings = settings
    const { connection, answerMs } = settings
    const connectTimeout = Math.min(answerMs, 5_000)
    // Our callers try again by themselves.
    this.#admin = new Admin({ ...connection, connectTimeout, requestTimeout: answerMs, retries: 0 })
    if (!settings.holdsProcess) letProcessEnd(this.#admin)
  }

  /**
   * Runs work on the layout, null when there is no topic, and again on a new one while brokers disagree about it. A layout of
   * another epoch than the one expected is looked at anew first.
   */
  async use<T>(work: (layout: TopicLayout | null) => Promise<T>, expectedEpoch?: string): Promise<T> {
    for (const deadline = performance.now() + settleMs; ;) {
      try {
        return await work(await this.#current(expectedEpoch))
      } catch (error) {
        if (!isSettling(error) || this.#admin.closed || performance.now() > deadline) throw error
        this.#layout = undefined
      }
      await sleep(settlePauseMs)
    }
  }

  /** Undefined when there is no topic. */
  presentBounds(): Promise<TopicBounds | undefined> {
    return this.use(async (layout) => (layout ? this.bounds(layout) : undefined))
  }

  async bounds({ epoch, leaders }: TopicLayout): Promise<TopicBounds> {
    const [first, last] = await Promise.all([this.#offsets(leaders.length, -2n), this.#offsets(leaders.length, -1n)])
    return { epoch, first, last }
  }

  /** Records behind these offsets, in order within each partition. Rejects with Kafka's error when an offset is out of range. */
  async records(layout: TopicLayout, from: Offsets): Promise<Fetched> {
    const nodes = [...new Set(layout.leaders)]
    const fetched = await Promise.all(nodes.map((node) => this.recordsOf(node, layout, from, 0)))
    return { records: fetched.flatMap(({ records }) => records), isEnd: fetched.every(({ isEnd }) => isEnd) }
  }

  /** As `records`, of the partitions that one node leads; waits so many milliseconds for the first. */
  async recordsOf(node: number, layout: TopicLayout, from: Offsets, waitMs: number): Promise<Fetched> {
    const connection = (await this.#admin.connectToBrokers([node])).get(node)
    if (connection === undefined) {
      this.#layout = undefined
      throw new AurenError('AUREN_STREAM_UNAVAILABLE', { detail: 'a partition has no leader' })
    }
    const partitionMaxBytes = Math.max(65_536, Math.floor(fetchBytes / layout.leaders.length))
    const partitions = layout.leaders.flatMap((leader, partition) => {
      const fetchOffset = BigInt(from[partition] ?? 0)
      const asked = { partition, fetchOffset, partitionMaxBytes, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }
      return leader === node ? [asked] : []
    })
    const topics = [{ topicId: layout.epoch, partitions }]
    const { responses } = await fetchV13.api.async(connection, waitMs, 1, fetchBytes, 0, 0, -1, topics, [], '')
    const answers = responses.flatMap((response) => response.partitions)
    const records = answers.flatMap(({ partitionIndex, records: batches }) =>
      storedRecords(partitionIndex, batches ?? [], from[partitionIndex] ?? 0),
    )
    const next = behind(from, records)
    const isEnd = answers.every(({ partitionIndex, highWatermark }) => highWatermark <= (next[partitionIndex] ?? 0))
    return { records, isEnd }
  }

  /** Makes the topic; one that somebody else has made meanwhile is as good. */
  async create(): Promise<void> {
    const { topic, creation } = this.#settings
    const { partitions, replication: replicas, retentionMs } = creation
    const configs = [{ name: 'retention.ms', value: String(retentionMs) }]
    this.#layout = undefined
    try {
      await this.#admin.createTopics({ topics: [topic], partitions, replicas, configs })
    } catch (error) {
      if ((await this.#look()) === null) throw error
    }
  }

  close(): Promise<void> {
    return this.#admin.close()
  }

  async #current(expectedEpoch: string | undefined): Promise<TopicLayout | null> {
    const { known, at } = this.#layout ?? { known: null, at: -Infinity }
    const isFresh = performance.now() - at < layoutAgeMs && known !== null
    return isFresh && (expectedEpoch === undefined || expectedEpoch === known.epoch) ? known : this.#look()
  }

  async #look(): Promise<TopicLayout | null> {
    const known = await this.#ask()
    this.#layout = { known, at: performance.now() }
    return known
  }

  async #ask(): Promise<TopicLayout | null> {
    const { topic: name } = this.#settings
    try {
      const { topics } = await this.#admin.metadata({ topics: [name], forceUpdate: true })
      const topic = topics.get(name)
      return topic ? { epoch: topic.id, leaders: topic.partitions.map(({ leader }) => leader) } : null
    } catch (error) {
      if (isUnknownTopic(error)) return null
      throw error
    }
  }

  /** The oldest (-2) or the next (-1) offset of each partition. */
  async #offsets(count: number, timestamp: bigint): Promise<Offsets> {
    const partitions = Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, timestamp }))
    const [topic] = await this.#admin.listOffsets({ topics: [{ name: this.#settings.topic, partitions }] })
    const offsets = Array.from({ length: count }, () => 0)
    for (const { partitionIndex, offset } of topic?.partitions ?? []) offsets[partitionIndex] = Number(offset)
    return offsets
  }
}
