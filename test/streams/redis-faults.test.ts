import { describe, expect, it, onTestFinished } from 'vitest'
import { startLink } from '../support/link.ts'
import { startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { events, idsOf, lost, numbered, open } from './cases/opened-stream.ts'

describe('redis stream when Redis fails', () => {
  it('refuses events while Redis is down, and takes them when it is back', async () => {
    const redis = await startRedis()
    const stream = await open(redis.url)
    await stream.append(events('1'))
    await redis.kill()
    const [later] = events('later')
    await expect(stream.append([later as never])).rejects.toMatchObject({
      failed: [later],
      cause: { code: 'AUREN_STREAM_UNAVAILABLE' },
    })
    await redis.restart()
    await stream.append([later as never])
    expect((await stream.recent(1))[0]?.event.event_id).toBe('later')
  })

  it('settles appends that are under way when Redis dies, without a word on stderr', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    onTestFinished(() => void process.off('warning', note))
    const redis = await startRedis()
    const stream = await open(redis.url)
    await stream.append(events('0'))
    redis.signal('SIGSTOP')
    const appending = Promise.allSettled(numbered(20).map((id) => stream.append(events(id))))
    await redis.kill()
    for (const [index, append] of (await appending).entries()) {
      expect(append).toMatchObject({ status: 'rejected', reason: { failed: [{ event_id: String(index) }] } })
    }
    expect(warnings).toEqual([])
  })

  it('ends a waiting read with an error when Redis dies, and knows the empty one that follows', async () => {
    const redis = await startRedis()
    const stream = await open(redis.url)
    const position = await stream.append(events('1'))
    const waiting = expect(stream.read(position, { waitMs: 60_000 })).rejects.toMatchObject({
      code: 'AUREN_STREAM_UNAVAILABLE',
    })
    await redis.kill()
    await waiting
    await redis.restart()
    const { reason, firstAvailable } = await lost(stream.read(position))
    expect(reason).toBe('epoch_changed')
    await stream.append(events('2'))
    expect(idsOf(await stream.read(firstAvailable))).toEqual(['2'])
  })

  it('gives up a wait that Redis does not answer any more, and reads on when it does', async () => {
    const redis = await startRedis()
    const stream = await open(redis.url, { timeoutMs: 2_000 })
    const { last } = await stream.info()
    const waiting = stream.read(last, { waitMs: 2_000 })
    await until('the read waits', async () => /blocked_clients:1/.test(await redis.client.info('clients')))
    redis.signal('SIGSTOP')
    await expect(waiting).rejects.toMatchObject({ code: 'AUREN_STREAM_UNAVAILABLE' })
    redis.signal('SIGCONT')
    await stream.append(events('1'))
    expect(idsOf(await stream.read(last))).toEqual(['1'])
  })

  it('gives up a server that takes connections and says nothing', async () => {
    const redis = await startRedis()
    const stream = await open(redis.url, { timeoutMs: 2_000 })
    redis.signal('SIGSTOP')
    const call = stream.info()
    await expect(call).rejects.toMatchObject({ code: 'AUREN_STREAM_UNAVAILABLE' })
    redis.signal('SIGCONT')
    expect((await stream.info()).length).toBe(0)
  })

  it('ends its waits on close while Redis says nothing', async () => {
    const redis = await startRedis()
    const stream = await open(redis.url)
    const { last } = await stream.info()
    const waiting = stream.read(last, { waitMs: 60_000 })
    await until('the read waits', async () => /blocked_clients:1/.test(await redis.client.info('clients')))
    redis.signal('SIGSTOP')
    await stream.close()
    expect(idsOf(await waiting)).toEqual([])
  })

  it('connects anew when the master it talks to was made a replica', async () => {
    const [before, after] = [await startRedis(), await startRedis()]
    const link = await startLink(before)
    const stream = await open(link.url)
    await stream.append(events('1'))
    await before.client.replicaof('127.0.0.1', after.port)
    link.port = after.port
    await expect(stream.append(events('2'))).rejects.toMatchObject({
      cause: { cause: { message: expect.stringContaining('READONLY') as string } },
    })
    await stream.append(events('2'))
    expect(await after.client.xlen('auren:events')).toBe(1)
  })

  it.each([
    ['a wrong password', 'wrong@', 'WRONGPASS'],
    ['no password', '', 'NOAUTH'],
  ])('says that Redis refuses us for %s, and does not repeat it', async (_what, credentials, word) => {
    const { client, port } = await startRedis()
    await client.config('SET', 'requirepass', 's3cret')
    const stream = await open(`redis://${credentials && `:${credentials}`}127.0.0.1:${port}`)
    await expect(stream.append(events('1'))).rejects.toMatchObject({
      cause: { code: 'AUREN_STREAM_REFUSED', cause: { message: expect.stringContaining(word) as string } },
    })
  })

  it('stores a batch whole or not at all when memory is full, says why, and still reads', async () => {
    const { url, client } = await startRedis()
    const stream = await open(url)
    await stream.append(events('1'))
    await client.config('SET', 'maxmemory', '1')
    await expect(stream.append(events('2', '3'))).rejects.toMatchObject({
      failed: [{ event_id: '2' }, { event_id: '3' }],
      cause: { cause: { message: expect.stringContaining('OOM') as string } },
    })
    const reader = await open(url)
    expect(idsOf(await reader.read((await reader.info()).first))).toEqual(['1'])
    await client.config('SET', 'maxmemory', '0')
    expect(await client.xlen('auren:events')).toBe(1)
  })
})
