import { describe, expect, it } from 'vitest'
import type { StreamPosition } from '../../src/streams/event-stream.ts'
import { anEvent } from '../support/events.ts'
import { startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { events, idsOf, lost, numbered, open } from './cases/opened-stream.ts'
import { eventStreamSuite } from './event-stream-suite.ts'

const key = 'auren:events'

/** Within the same millisecond the entries of a new life would get the very ids of the old ones. */
async function clockPast({ id }: StreamPosition): Promise<void> {
  await until('the clock has moved on', () => Date.now() > Number(id.split('-')[0]))
}

describe('redis stream', () => {
  eventStreamSuite(async () => {
    const { url, client } = await startRedis()
    return {
      url,
      futureId: '9999999999999-0',
      trim: async (keep) => void (await client.xtrim(key, 'MAXLEN', keep)),
      destroy: async () => void (await client.flushall()),
      addGarbage: async () => void (await client.xadd(key, '*', 'nonsense', '1', 'payload', '{')),
    }
  })

  it('says that the stream is another one when only its key was deleted and made anew', async () => {
    const { url, client } = await startRedis()
    const stream = await open(url)
    const position = await stream.append(events('1', '2'))
    await client.del(key)
    await stream.append(events('3'))
    await expect(stream.read(position)).rejects.toMatchObject({ reason: 'epoch_changed', missed: null })
  })

  it('says so too when the writer does not count its appends, whose positions are read after all the same', async () => {
    const { url, client } = await startRedis()
    const [stream, writer] = [await open(url), await open(url, { countsAppends: false })]
    const position = await writer.append(events('1', '2'))
    await writer.append(events('3'))
    const { next, entries } = await stream.read(position)
    expect(entries.map(({ event }) => event.event_id)).toEqual(['3'])
    await client.del(key)
    await writer.append(events('4'))
    await expect(stream.read(next)).rejects.toMatchObject({ reason: 'epoch_changed', missed: null })
  })

  it('says so when it has been trimmed since, instead of a wrong number of lost events', async () => {
    const { url, client } = await startRedis()
    const stream = await open(url)
    const position = await stream.append(events('1', '2'))
    await client.del(key)
    await stream.append(events(...numbered(30)))
    await client.xtrim(key, 'MAXLEN', 5)
    await expect(stream.read(position)).rejects.toMatchObject({ reason: 'epoch_changed', missed: null })
  })

  it('says so when a producer that knows nothing of epochs made it anew, and longer', async () => {
    const { url, client } = await startRedis()
    const stream = await open(url)
    const position = await stream.append(events('1', '2'))
    await client.del(key)
    await clockPast(position)
    for (let i = 0; i < 5; i += 1) await client.xadd(key, '*', 'field', 'value')
    for (const limit of [1, 100]) {
      const reading = stream.read(position, { limit })
      await expect(reading).rejects.toMatchObject({ reason: 'epoch_changed', missed: null })
    }
  })

  it('says so when Redis came back with an older copy, and goes on with what is new', async () => {
    const { url, client } = await startRedis()
    const stream = await open(url)
    await stream.append(events('1', '2', '3'))
    const copy = await client.dumpBuffer(key)
    const position = await stream.append(events('4', '5'))
    await client.restore(key, 0, copy, 'REPLACE')
    await clockPast(position)
    await stream.append(events('6', '7', '8', '9'))
    const error = await lost(stream.read(position))
    expect(error).toMatchObject({ reason: 'epoch_changed', missed: null })
    expect(idsOf(await stream.read(error.firstAvailable))).toEqual(['6', '7', '8', '9'])
  })

  it('keeps the epoch when a stream that was there before us is first written', async () => {
    const { url, client } = await startRedis()
    await client.xadd(key, '*', 'field', 'value')
    const stream = await open(url)
    const { epoch } = await stream.info()
    expect((await stream.append(events('1'))).epoch).toBe(epoch)
    expect((await stream.append(events('2'))).epoch).toBe(epoch)
  })

  it('does not say how many are lost after an XDEL, which makes ordinals wrong', async () => {
    const { url, client } = await startRedis()
    const stream = await open(url)
    const position = await stream.append(events('1'))
    await stream.append(events('2', '3', '4'))
    const [, second] = await client.xrange(key, '-', '+')
    await client.xdel(key, second?.[0] ?? '')
    await client.xtrim(key, 'MAXLEN', 1)
    await expect(stream.read(position)).rejects.toMatchObject({ reason: 'trimmed', missed: null })
  })

  it('asks Redis once for all reads of an instance that wait, and ends one without the others', async () => {
    const { url, client } = await startRedis()
    const stream = await open(url)
    const { last } = await stream.info()
    const stop = new AbortController()
    const stopped = stream.read(last, { waitMs: 60_000, signal: stop.signal })
    const others = [stream.read(last, { waitMs: 60_000 }), stream.read(last, { waitMs: 60_000 })]
    await until('Redis is asked', async () => /blocked_clients:1/.test(await client.info('clients')))
    stop.abort()
    expect(idsOf(await stopped)).toEqual([])
    await stream.append(events('1'))
    for (const waiting of others) expect(idsOf(await waiting)).toEqual(['1'])
  })

  it('reads on from a bare entry id, as clients send it', async () => {
    const { url } = await startRedis()
    const stream = await open(url)
    await stream.append(events('1', '2'))
    const { epoch, entries } = await stream.read((await stream.info()).first)
    expect(idsOf(await stream.read({ epoch, id: entries[0]?.id ?? '' }))).toEqual(['2'])
  })

  it('takes the parts of an id as numbers, not as text', async () => {
    const { url, client } = await startRedis()
    const stream = await open(url)
    const { epoch } = await stream.info()
    for (const id of ['9-9', '9-10', '10-1']) await client.xadd(key, id, 'field', 'value')
    expect(await stream.read({ epoch, id: '9-9' })).toMatchObject({ malformed: 2 })
    expect(await stream.read({ epoch, id: '9-10' })).toMatchObject({ malformed: 1 })
    await expect(stream.read({ epoch, id: '10-2' })).rejects.toMatchObject({ reason: 'future_cursor' })
  })

  it('writes the predecessor layout, under the key and with the length of the URL', async () => {
    const { url, client } = await startRedis()
    const stream = await open(`${url}?stream=team:events&maxlen=100`)
    for (let i = 0; i < 30; i += 1) await stream.append(Array.from({ length: 20 }, () => anEvent()))
    const [entry] = await client.xrange('team:events', '-', '+', 'COUNT', 1)
    expect(entry?.[1].filter((_, index) => index % 2 === 0).slice(0, 10)).toEqual([
      'event_id', 'trace_id', 'session_id', 'timestamp', 'event_type',
      'source_agent', 'target_agent', 'payload', 'metadata', 'user_id',
    ]) // prettier-ignore
    expect(await client.xlen('team:events')).toBeLessThan(600)
  })

  it('says so when the key holds something else', async () => {
    const { url, client } = await startRedis()
    await client.set(key, 'text')
    const stream = await open(url)
    await expect(stream.info()).rejects.toMatchObject({ code: 'AUREN_STREAM_WRONG_TYPE' })
    await expect(stream.recent(1)).rejects.toMatchObject({ code: 'AUREN_STREAM_WRONG_TYPE' })
    await expect(stream.append(events('1'))).rejects.toMatchObject({ cause: { code: 'AUREN_STREAM_WRONG_TYPE' } })
  })
})
