import { describe, expect, it, onTestFinished } from 'vitest'
import { AppendError } from '../../src/streams/event-stream.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { anEvent } from '../support/events.ts'
import { freePort, startRedis } from '../support/redis-server.ts'
import { eventStreamSuite } from './event-stream-suite.ts'

const key = 'auren:events'

async function opened(url: string) {
  const stream = await openStream(url)
  onTestFinished(() => stream.close())
  return stream
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
    const stream = await opened(url)
    const position = await stream.append([anEvent(), anEvent()])
    await client.del(key)
    await stream.append([anEvent()])
    await expect(stream.read(position)).rejects.toMatchObject({ reason: 'epoch_changed' })
  })

  it('reads on from a bare entry id, as clients send it', async () => {
    const { url } = await startRedis()
    const stream = await opened(url)
    await stream.append([anEvent({ event_id: '1' }), anEvent({ event_id: '2' })])
    const { epoch, entries } = await stream.read((await stream.info()).first)
    const page = await stream.read({ epoch, id: entries[0]?.id ?? '' })
    expect(page.entries.map(({ event }) => event.event_id)).toEqual(['2'])
  })

  it('writes the predecessor layout, under the key and with the length of the URL', async () => {
    const { url, client } = await startRedis()
    const stream = await opened(`${url}?stream=team:events&maxlen=100`)
    for (let i = 0; i < 30; i += 1) await stream.append(Array.from({ length: 20 }, () => anEvent()))
    const [entry] = await client.xrange('team:events', '-', '+', 'COUNT', 1)
    expect(entry?.[1].filter((_, index) => index % 2 === 0).slice(0, 10)).toEqual([
      'event_id', 'trace_id', 'session_id', 'timestamp', 'event_type',
      'source_agent', 'target_agent', 'payload', 'metadata', 'user_id',
    ]) // prettier-ignore
    expect(await client.xlen('team:events')).toBeLessThan(600)
  })

  it('fails while Redis is down and works again when it is back', async () => {
    const redis = await startRedis()
    const stream = await opened(redis.url)
    await stream.append([anEvent()])
    await redis.kill()
    const event = anEvent({ event_id: 'later' })
    await expect(stream.append([event])).rejects.toMatchObject({
      failed: [event],
      cause: { code: 'AUREN_STREAM_UNAVAILABLE' },
    })
    await redis.restart()
    await stream.append([event])
    expect((await stream.recent(1))[0]?.event.event_id).toBe('later')
  })

  it('ends a waiting read with an error when Redis dies', async () => {
    const redis = await startRedis()
    const stream = await opened(redis.url)
    const { last } = await stream.info()
    const waiting = expect(stream.read(last, { waitMs: 60_000 })).rejects.toMatchObject({
      code: 'AUREN_STREAM_UNAVAILABLE',
    })
    await redis.kill()
    await waiting
  })

  it('says so when the key holds something else', async () => {
    const { url, client } = await startRedis()
    await client.set(key, 'text')
    const stream = await opened(url)
    await expect(stream.info()).rejects.toMatchObject({ code: 'AUREN_STREAM_WRONG_TYPE' })
    await expect(stream.append([anEvent()])).rejects.toMatchObject({ cause: { code: 'AUREN_STREAM_WRONG_TYPE' } })
  })

  it('stores a batch whole or not at all when memory is full', async () => {
    const { url, client } = await startRedis()
    const stream = await opened(url)
    await stream.append([anEvent()])
    await client.config('SET', 'maxmemory', '1')
    await expect(stream.append([anEvent(), anEvent()])).rejects.toBeInstanceOf(AppendError)
    await client.config('SET', 'maxmemory', '0')
    expect(await client.xlen(key)).toBe(1)
  })

  it('never shows the password, in its name or in an error', async () => {
    const stream = await opened(`redis://user:s3cret@127.0.0.1:${await freePort()}`)
    expect(stream.name).not.toContain('s3cret')
    const error: unknown = await stream.info().catch((thrown: unknown) => thrown)
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('s3cret')
  })
})
