import { Bell } from './bell.ts'
import type { Offsets } from './kafka-position.ts'
import { KafkaTopic } from './kafka-topic.ts'
import type { TopicLayout } from './kafka-topic.ts'
import type { KafkaSettings } from './kafka-settings.ts'

/** Milliseconds of one long poll; in between a topic that was deleted or moved is noticed. */
const pollMs = 1_000

/**
 * One poll for each node: a node answers the requests of a connection in turn, so that they have connections of their own,
 * made when somebody waits.
 */
export class KafkaBell {
  readonly #settings: KafkaSettings
  readonly #bell = new Bell()
  #topic: KafkaTopic | undefined

  constructor(settings: KafkaSettings) {
    this.#settings = settings
  }

  /** Resolves when there may be something behind these offsets, after the time or some seconds, or when it is stopped. */
  wait(layout: TopicLayout, from: Offsets, waitMs: number, stop: AbortSignal): Promise<void> {
    const topic = (this.#topic ??= new KafkaTopic(this.#settings))
    const polls = layout.leaders.map(
      (node) => [`${layout.epoch} ${node}`, () => topic.recordsOf(node, layout, from, pollMs)] as const,
    )
    return this.#bell.wait(new Map(polls), waitMs, stop)
  }

  async close(): Promise<void> {
    await this.#topic?.close()
  }
}
