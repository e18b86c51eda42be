import { Consumer, MessagesStreamModes, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'
import { toMessage } from '../../src/streams/kafka-records.ts'
import type { Bare } from './bare.ts'

/** Idempotent `send`, and `consume`. The topic is there. */
export function bareKafka(address: string, topic: string): Bare {
  const base = { clientId: 'bare', bootstrapBrokers: [address] }
  const producer = new Producer({ ...base, idempotent: true, serializers: stringSerializers })
  const consumers: Consumer<string, string, string, string>[] = []
  const consume = (mode: 'earliest' | 'latest') => {
    const consumer = new Consumer({ ...base, groupId: `bare-${consumers.length}`, deserializers: stringDeserializers })
    consumers.push(consumer)
    return consumer.consume({ topics: [topic], mode, autocommit: false })
  }
  return {
    append: async (events) => {
      await producer.send({ acks: -1, messages: events.map((event) => toMessage(topic, event)) })
    },
    openTail: async () => {
      // Joining a group takes seconds, and we have none.
      const messages = await consume(MessagesStreamModes.EARLIEST)
      return async (count) => {
        let left = count
        for await (const message of messages) {
          void message
          left -= 1
          if (left <= 0) break
        }
      }
    },
    follow: async (onEntry) => {
      const messages = await consume(MessagesStreamModes.LATEST)
      messages.on('data', onEntry)
    },
    close: async () => {
      await Promise.allSettled([producer.close(), ...consumers.map((consumer) => consumer.close(true))])
    },
  }
}
