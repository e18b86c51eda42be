import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createPublisher } from '../../src/exporters/event-publisher.ts'
import { EventWriter } from '../../src/exporters/event-writer.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { events, idsOf, lost, numbered, open, readAll } from '../streams/cases/opened-stream.ts'
import { anEvent } from '../support/events.ts'
import { aGateway } from '../support/gateway.ts'
import { temporaryFolder, temporaryLog } from '../support/processes.ts'
import { aSpan } from '../support/spans.ts'
import { until } from '../support/until.ts'
import { signIn } from '../support/ws-client.ts'
import { startBroker } from './broker.ts'
import type { Broker } from './broker.ts'
import { aTopic } from './topics.ts'

let broker: Broker
beforeAll(async () => {
  broker = await startBroker()
})
afterAll(() => broker.remove())

/** Milliseconds that a writer and a broker, which has just started, have for each other. */
const patientMs = 120_000

const firsts = (ids: readonly string[]) => [...new Set(ids)]

function aWriter(url: string): EventWriter {
  const writer = new EventWriter({
    open: () => openStream(url, { timeoutMs: 2_000 }),
    minRetryMs: 50,
    maxRetryMs: 500,
  })
  onTestFinished(async () => void (await writer.close(1_000)))
  return writer
}

describe('a Kafka broker', () => {
  it('that is killed under way loses nothing that a writer has, and the order stays (X-20)', async () => {
    const { url } = aTopic(broker.address, 1)
    const writer = aWriter(url)
    writer.write(events('0'))
    expect(await writer.flush(patientMs)).toBe(true)
    const stream = await open(url)
    const { first } = await stream.info()
    let sent = 1
    const producing = setInterval(() => writer.write(events(String(sent++))), 5)
    onTestFinished(() => clearInterval(producing))
    await until('some are written', () => writer.stats.written > 20)
    await broker.kill()
    await until('the writer has met the failure', () => writer.stats.retries > 2)
    await expect(stream.info()).rejects.toMatchObject({ code: 'AUREN_STREAM_UNAVAILABLE' })
    await broker.restart()
    const sentByThen = sent
    await until('the writer goes on', () => writer.stats.written > sentByThen, patientMs)
    clearInterval(producing)
    expect(await writer.flush(patientMs)).toBe(true)
    expect(firsts(await readAll(stream, first))).toEqual(numbered(sent))
  })

  it('that is killed is the first of two streams: agent and gateway go on with the other, and both are complete in the end', async () => {
    const [{ url }, log] = [aTopic(broker.address, 1), temporaryLog()]
    const publisher = createPublisher({ stream: `${url},${log}`, spoolDir: temporaryFolder(), heartbeatMs: 0 })
    onTestFinished(async () => void (await publisher.close(100)))
    const call = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5-mini' }
    const produce = (count: number) => {
      for (let i = 0; i < count; i += 1) publisher.pipeline.spanEnded(aSpan(call))
    }
    const gateway = await aGateway({ stream: `${url},${log}`, fallBackMs: 200 })
    const client = await signIn(gateway.url, { protocol_version: 1 })
    produce(10)
    await client.next('stream_event', 9)
    await broker.kill()
    produce(10)
    await client.next('stream_event', 19)
    await broker.restart()
    produce(10)
    await client.next('stream_event', 29)
    expect(await publisher.flush(patientMs)).toBe(true)
    const inSecond = await open(log)
    const all = await readAll(inSecond, (await inSecond.info()).first)
    expect(client.events().map(({ event_id: id }) => id)).toEqual(all)
    expect(client.messages.filter(({ type }) => type === 'gap')).toEqual([])
    const inFirst = await open(url)
    expect(firsts(await readAll(inFirst, (await inFirst.info()).first))).toEqual(all)
  })

  it('that is paused lets an append fail in time, and a reader say so; both go on afterwards', async () => {
    const { url } = aTopic(broker.address, 1)
    const stream = await open(url, { timeoutMs: 2_000 })
    const position = await stream.append(events('0'))
    broker.signal('SIGSTOP')
    onTestFinished(() => broker.signal('SIGCONT'))
    const [append, read] = await Promise.allSettled([stream.append(events('1')), stream.read(position)])
    expect(append).toMatchObject({ status: 'rejected', reason: { cause: { code: 'AUREN_STREAM_UNAVAILABLE' } } })
    expect(read).toMatchObject({ status: 'rejected', reason: { code: 'AUREN_STREAM_UNAVAILABLE' } })
    broker.signal('SIGCONT')
    await until('it takes appends again', () => stream.append(events('1')).then(() => true, () => false), patientMs) // prettier-ignore
    // The first try may have been stored after all.
    expect(firsts(idsOf(await stream.read(position)))).toEqual(['1'])
  })

  it('that is paused holds up nobody who closes', async () => {
    const { url } = aTopic(broker.address, 1)
    const stream = await open(url)
    await stream.append(events('0'))
    broker.signal('SIGSTOP')
    onTestFinished(() => broker.signal('SIGCONT'))
    const append = stream.append(events('1')).catch((error: unknown) => error)
    await stream.close()
    expect(await append).toMatchObject({ code: 'AUREN_APPEND_FAILED' })
    // Less than one append may take.
  }, 25_000)

  it('that has lost the topic is told apart from a quiet one, and gets the topic again with the next event', async () => {
    const { url, destroy } = aTopic(broker.address, 3)
    const writer = aWriter(url)
    writer.write(events('1'))
    expect(await writer.flush(patientMs)).toBe(true)
    const stream = await open(url)
    const { last } = await stream.info()
    await destroy()
    await until('the loss is noticed', () =>
      stream.read(last).then(() => false, (error: unknown) => (error as { code?: string }).code === 'AUREN_STREAM_UNAVAILABLE'),
    ) // prettier-ignore
    writer.write(events('2', '3'))
    expect(await writer.flush(patientMs)).toBe(true)
    const error = await lost(stream.read(last))
    expect(error).toMatchObject({ reason: 'epoch_changed', missed: null })
    expect(idsOf(await stream.read(error.firstAvailable))).toEqual(['2', '3'])
  })

  it('that does not take an event of that size gets the others, and an announcement of the one it never will (X-20)', async () => {
    const { url } = aTopic(broker.address, 1)
    const writer = aWriter(url)
    const huge = anEvent({ event_id: 'huge', payload: { text: 'x'.repeat(1_200_000) } })
    writer.write([...events('1', '2'), huge, ...events('3')])
    expect(await writer.flush(patientMs)).toBe(true)
    await until('the loss is announced', async () => (writer.write(events('4')), await writer.flush(patientMs)))
    const stream = await open(url)
    const page = await stream.read((await stream.info()).first)
    expect(idsOf(page).filter((id) => id.length === 1)).toEqual(['1', '2', '3', '4'])
    expect(page.entries.find(({ event }) => event.event_type === 'telemetry_gap')?.event.payload).toMatchObject({
      reason: 'too_large',
      dropped: 1,
    })
    expect(writer.stats.dropped.too_large).toBe(1)
  })

  it('takes in parts what is too much for one request', async () => {
    const { url } = aTopic(broker.address, 3)
    const stream = await open(url)
    const sent = numbered(40).map((id) => anEvent({ event_id: id, payload: { text: 'x'.repeat(100_000) } }))
    await stream.append(sent)
    expect(await readAll(stream, (await stream.info()).first)).toEqual(numbered(40))
  })
})
