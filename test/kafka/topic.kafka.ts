import { Admin, Consumer, MessagesStreamModes, stringDeserializers } from '@platformatic/kafka'
import type { Message } from '@platformatic/kafka'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { anEvent } from '../support/events.ts'
import { open } from '../streams/cases/opened-stream.ts'
import { until } from '../support/until.ts'
import { aTopic } from './topics.ts'

const { address } = inject('kafka')

function anAdmin(): Admin {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [address], retries: 10, retryDelay: 100 })
  onTestFinished(() => admin.close())
  return admin
}

describe('a Kafka topic', () => {
  it('is made by the first event, as the URL says, and by no reader', async () => {
    const { url, topic } = aTopic(address, 3)
    const admin = anAdmin()
    const stream = await open(url.replace('partitions=3', 'partitions=5&retention=36h'))
    const { first } = await stream.info()
    expect(first).toEqual({ epoch: 'none', id: '0' })
    expect(await stream.read(first, { waitMs: 300 })).toMatchObject({ entries: [] })
    expect(await stream.recent(5)).toEqual([])
    await stream.append([])
    expect(await admin.listTopics()).not.toContain(topic)

    await stream.append([anEvent()])
    expect((await stream.info()).last.id.split('.')).toHaveLength(5)
    const [config] = await admin.describeConfigs({
      resources: [{ resourceType: 2, resourceName: topic, configurationKeys: ['retention.ms'] }],
    })
    expect(config?.configs).toMatchObject([{ name: 'retention.ms', value: '129600000' }])
    expect((await stream.read(first)).entries).toHaveLength(1)
  })

  it('says that its order is partial, and of one partition that it is total', async () => {
    for (const [partitions, ordering] of [[1, 'total'], [3, 'partition']] as const) {
      const stream = await open(aTopic(address, partitions).url)
      await stream.append([anEvent()])
      expect(await stream.info()).toMatchObject({ ordering, maxLength: null })
    } // prettier-ignore
  })

  it('is read on where it was when partitions are added', async () => {
    const { url, topic } = aTopic(address, 1)
    const stream = await open(url)
    const position = await stream.append([anEvent()])
    await anAdmin().createPartitions({
      topics: [{ name: topic, count: 4, assignments: [1, 1, 1].map((id) => ({ brokerIds: [id] })) }],
      validateOnly: false,
    })
    const writer = await open(url)
    const sent = Array.from({ length: 20 }, (_, at) => anEvent({ trace_id: String(at).padStart(32, 'b') }))
    await until('the writer knows of them', async () => {
      await writer.append(sent)
      return (await writer.info()).last.id.split('.').filter((offset) => offset !== '0').length > 1
    })
    const { length } = await writer.info()
    let read = 0
    for (let at = position; read < length - 1;) {
      const page = await stream.read(at, { waitMs: 15_000 })
      read += page.entries.length
      at = page.next
    }
    expect(read).toBe(length - 1)
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('takes less room with %s, and is read as without', async (compression) => {
    const { url, topic } = aTopic(address, 1)
    const stream = await open(`${url}&compression=${compression}`)
    const sent = Array.from({ length: 50 }, () => anEvent())
    await stream.append(sent)
    expect((await stream.read((await stream.info()).first)).entries.map(({ event }) => event)).toEqual(sent)
    const [broker] = await anAdmin().describeLogDirs({ topics: [{ name: topic, partitions: [0] }] })
    const stored = Number(broker?.results[0]?.topics[0]?.partitions[0]?.partitionSize)
    expect(stored).toBeGreaterThan(0)
    expect(stored).toBeLessThan(JSON.stringify(sent).length / 4)
  })

  it('takes what any other client of Kafka can read: the trace as key, JSON, and headers', async () => {
    const { url, topic } = aTopic(address, 3)
    const stream = await open(`${url}&compression=gzip`)
    const event = anEvent({ tenant_id: 'team', session_id: null })
    await stream.append([event])
    const consumer = new Consumer({
      clientId: 'test', groupId: topic, bootstrapBrokers: [address], deserializers: stringDeserializers,
    }) // prettier-ignore
    onTestFinished(() => consumer.close(true))
    const messages = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST, autocommit: false })
    const [message] = (await messages.take(1).toArray()) as Message<string, string, string, string>[]
    expect(message?.key).toBe(event.trace_id)
    expect(JSON.parse(message?.value ?? '')).toEqual(event)
    expect(Object.fromEntries(message?.headers ?? [])).toEqual({
      event_type: event.event_type,
      tenant_id: 'team',
      traceparent: `00-${event.trace_id}-${event.span_id}-01`,
    })
  })
})
