import { Producer, stringSerializers } from '@platformatic/kafka'
import type { AurenEvent } from '../events/event.ts'
import { AppendError } from './event-stream.ts'
import type { StreamPosition } from './event-stream.ts'
import { fromKafka, isUnknownTopic } from './kafka-errors.ts'
import { toMessage } from './kafka-records.ts'
import type { KafkaMessage } from './kafka-records.ts'
import type { KafkaSettings } from './kafka-settings.ts'
import { letProcessEnd } from './kafka-sockets.ts'
import type { KafkaTopic } from './kafka-topic.ts'
import { formatPlaces } from './partitions.ts'

/** Characters of the events of one request, some half of what a broker takes unless told otherwise (`message.max.bytes`). */
const requestChars = 512 * 1024

interface Outgoing {
  readonly event: AurenEvent
  readonly message: KafkaMessage
}

/**
 * Appends with an idempotent producer and `acks=all`, one request after the other. Tries of one request are told apart by the
 * brokers (four, 100 ms apart, each as long as an append may take); those of one append that its caller repeats are not.
 */
export class KafkaWriter {
  readonly #settings: KafkaSettings
  readonly #topic: KafkaTopic
  readonly #producer: Producer<string, string, string, string>
  /** Where the topic ended when we last wrote. Others may have written since. */
  #end: { readonly epoch: string; readonly offsets: number[] } | undefined
  #isThere: boolean | undefined

  constructor(settings: KafkaSettings, topic: KafkaTopic) {
    this.#settings = settings
    this.#topic = topic
    const { connection, appendMs, compression } = settings
    this.#producer = new Producer({
      ...connection,
      connectTimeout: Math.min(appendMs, 5_000),
      requestTimeout: appendMs,
      timeout: appendMs,
      retries: 3,
      retryDelay: 100,
      idempotent: true,
      compression,
      serializers: stringSerializers,
    })
    if (!settings.holdsProcess) letProcessEnd(this.#producer)
  }

  /** Rejects with {@link AppendError}. */
  async append(events: readonly AurenEvent[]): Promise<StreamPosition> {
    const waiting = this.#requests(events)
    const rejected: Outgoing[] = []
    let refusal: unknown
    while (waiting[0] !== undefined) {
      const [request] = waiting
      try {
        await this.#send(request)
        waiting.shift()
      } catch (error) {
        const reason = fromKafka(error)
        this.#end = undefined
        if (reason.code !== 'AUREN_EVENT_TOO_LARGE') throw new AppendError(waiting.flat().map(eventOf), reason, rejected.map(eventOf)) // prettier-ignore
        const half = Math.ceil(request.length / 2)
        waiting.splice(0, 1, ...(request.length > 1 ? [request.slice(0, half), request.slice(half)] : []))
        if (request.length === 1) rejected.push(...request)
        refusal = reason
      }
    }
    if (rejected.length > 0) throw new AppendError([], refusal, rejected.map(eventOf))
    return this.#position()
  }

  async close(): Promise<void> {
    await this.#producer.close(true)
  }

  #requests(events: readonly AurenEvent[]): Outgoing[][] {
    const requests: Outgoing[][] = []
    let chars = Infinity
    for (const event of events) {
      const message = toMessage(this.#settings.topic, event)
      const length = message.value?.length ?? 0
      if (chars + length > requestChars) {
        requests.push([])
        chars = 0
      }
      requests.at(-1)?.push({ event, message })
      chars += length
    }
    return requests
  }

  async #send(request: readonly Outgoing[]): Promise<void> {
    const send = () =>
      this.#producer.send({ messages: request.map(({ message }) => ({ ...message })), idempotent: true })
    // The producer would ask four times before it says so.
    this.#isThere ??= await this.#topic.use((layout) => Promise.resolve(layout !== null))
    const { offsets = [] } = await (this.#isThere ? send() : this.#sendAnew(send)).catch((error: unknown) => {
      if (!isUnknownTopic(error)) throw error
      return this.#sendAnew(send)
    })
    for (const { partition, offset } of offsets) this.#note(partition, Number(offset), request)
  }

  /** To a topic that is made now, as soon as the brokers know it. */
  async #sendAnew<T>(send: () => Promise<T>): Promise<T> {
    await this.#topic.create()
    this.#isThere = true
    return this.#topic.use(send)
  }

  #note(partition: number, offset: number, request: readonly Outgoing[]): void {
    const { offsets } = this.#end ?? {}
    if (offsets === undefined) return
    const known = offsets[partition] ?? Infinity
    const count = request.filter(({ message }) => (message.partition ?? 0) % offsets.length === partition).length
    // Another topic of that name, or partitions were added.
    if (offset < known) this.#end = undefined
    else offsets[partition] = offset + count
  }

  /** After our events, and after those of others as far as we know of them. */
  async #position(): Promise<StreamPosition> {
    if (this.#end === undefined) {
      const bounds = await this.#topic.presentBounds()
      this.#end = bounds && { epoch: bounds.epoch, offsets: [...bounds.last] }
    }
    const { epoch = '', offsets = [] } = this.#end ?? {}
    return { epoch, id: formatPlaces(offsets) }
  }
}

function eventOf({ event }: Outgoing): AurenEvent {
  return event
}
