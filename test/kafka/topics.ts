import { randomUUID } from 'node:crypto'
import { Admin, Producer, stringSerializers } from '@platformatic/kafka'
import { onTestFinished } from 'vitest'
import type { StreamUnderTest } from '../streams/cases/opened-stream.ts'
import { until } from '../support/until.ts'

/** A topic of the test's own, which nobody has made yet, and what happens to it behind a stream's back. */
export function aTopic(address: string, partitions: number): StreamUnderTest & { readonly topic: string } {
  const topic = `test-${randomUUID()}`
  const client = { clientId: 'test', bootstrapBrokers: [address], retries: 10, retryDelay: 100 }
  const admin = new Admin(client)
  const producer = new Producer({ ...client, serializers: stringSerializers })
  onTestFinished(async () => void (await Promise.all([admin.close(), producer.close()])))
  const create = () => admin.createTopics({ topics: [topic], partitions }).catch(() => undefined)
  const future = Array.from({ length: partitions }, () => '999999999999').join('.')
  return {
    topic,
    url: `kafka://${address}/${topic}?partitions=${partitions}`,
    futureId: future,
    trim: async (keep) => {
      const asked = Array.from({ length: partitions }, (_, partitionIndex) => ({ partitionIndex, timestamp: -1n }))
      if (!(await admin.listTopics()).includes(topic)) return
      const [ends] = await admin.listOffsets({ topics: [{ name: topic, partitions: asked }] })
      const starts = (ends?.partitions ?? [])
        .map(({ partitionIndex, offset }) => ({ partition: partitionIndex, offset: offset - BigInt(keep) }))
        .filter(({ offset }) => offset > 0n)
      if (starts.length > 0) await admin.deleteRecords({ topics: [{ name: topic, partitions: starts }] })
    },
    destroy: async () => {
      await admin.deleteTopics({ topics: [topic] })
      // The controller answers; the broker takes what is sent to the deleted topic until it has heard of it, 0.1 s later under load.
      await until('the broker has let go of the topic', async () => !(await admin.listTopics()).includes(topic))
    },
    addGarbage: async () => {
      await create()
      await producer.send({ acks: -1, messages: [{ topic, value: 'nonsense', partition: 0 }] })
    },
  }
}
