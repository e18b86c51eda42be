import { setTimeout as sleep } from 'node:timers/promises'
import type { Offsets } from './kafka-position.ts'
import { KafkaTopic } from './kafka-topic.ts'
import type { TopicLayout } from './kafka-topic.ts'
import type { KafkaSettings } from './kafka-settings.ts'

/** Milliseconds of one long poll; in between a topic that was deleted or moved is noticed. */
const pollMs = 1_000
/** Milliseconds before what waits looks by itself when a poll failed. */
const failedMs = 200

/**
 * Long polls that only tell that there is something, one at a time for each node: a node answers the requests of a
 * connection in turn, so that they have connections of their own. All reads of an instance wait for the same polls.
 */
export class KafkaBell {
  readonly #settings: KafkaSettings
  readonly #polls = new Set<string>()
  #topic: KafkaTopic | undefined
  #rung = Promise.withResolvers<void>()

  constructor(settings: KafkaSettings) {
    this.#settings = settings
  }

  /** Resolves when there may be something behind these offsets, after the time or some seconds, or when it is stopped. */
  async wait(layout: TopicLayout, from: Offsets, waitMs: number, stop: AbortSignal): Promise<void> {
    const { promise } = this.#rung
    for (const node of new Set(layout.leaders)) this.#poll(node, layout, from)
    const over = new AbortController()
    const late = sleep(waitMs, undefined, { signal: AbortSignal.any([stop, over.signal]) }).catch(() => undefined)
    await Promise.race([promise, late])
    over.abort()
  }

  async close(): Promise<void> {
    await this.#topic?.close()
  }

  #poll(node: number, layout: TopicLayout, from: Offsets): void {
    const key = `${layout.epoch} ${node}`
    if (this.#polls.has(key)) return
    this.#polls.add(key)
    const topic = (this.#topic ??= new KafkaTopic(this.#settings))
    void topic
      .recordsOf(node, layout, from, pollMs)
      .catch(() => sleep(failedMs, undefined, { ref: false }))
      .finally(() => {
        this.#polls.delete(key)
        this.#rung.resolve()
        this.#rung = Promise.withResolvers()
      })
  }
}
