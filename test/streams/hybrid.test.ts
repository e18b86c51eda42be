import { describe, expect, it, onTestFinished } from 'vitest'
import { createPublisher } from '../../src/exporters/event-publisher.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { aGateway } from '../support/gateway.ts'
import { temporaryFolder, temporaryLog } from '../support/processes.ts'
import { startRedis } from '../support/redis-server.ts'
import { aSpan } from '../support/spans.ts'
import { until } from '../support/until.ts'
import { signIn } from '../support/ws-client.ts'
import { events, idsOf, numbered, open, readAll } from './cases/opened-stream.ts'
import { sqliteUnderTest } from './cases/sqlite-under-test.ts'
import { eventStreamSuite } from './event-stream-suite.ts'

/** Every event of a stream, in its order. */
async function allOf(url: string): Promise<string[]> {
  const stream = await open(url)
  return readAll(stream, (await stream.info()).first)
}

describe('a stream of two', () => {
  eventStreamSuite(() => {
    const first = sqliteUnderTest()
    return Promise.resolve({ ...first, url: `${first.url},${temporaryLog()}` })
  })

  it('has every event in both', async () => {
    const urls = [temporaryLog(), temporaryLog()]
    const stream = await open(urls.join(','))
    await stream.append(events('1', '2'))
    for (const url of urls) expect(await allOf(url)).toEqual(['1', '2'])
  })

  it('names what one of them did not take, for it to be appended again', async () => {
    const log = temporaryLog()
    const stream = await open(`${log},redis://127.0.0.1:1`)
    const error: unknown = await stream.append(events('1', '2')).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'AUREN_APPEND_FAILED', failed: [{ event_id: '1' }, { event_id: '2' }] })
    expect(await allOf(log)).toEqual(['1', '2'])
  })

  it('is read from the first for as long as that takes, unless it may fall back', async () => {
    const redis = await startRedis()
    const stream = await open(`${redis.url},${temporaryLog()}`)
    const position = await stream.append(events('1'))
    await redis.kill()
    await expect(stream.read(position)).rejects.toMatchObject({ code: 'AUREN_STREAM_UNAVAILABLE' })
  })

  it('leaves nothing out when it is read from the second for a while, and then from the first again', async () => {
    const redis = await startRedis({ durable: true })
    const log = temporaryLog()
    const switches: string[] = []
    const options = { fallBackMs: 50, timeoutMs: 5_000, onSwitch: (name: string) => switches.push(name) }
    const stream = await openStream(`${redis.url},${log}`, options)
    onTestFinished(() => stream.close())
    const [inFirst, inSecond] = [await open(redis.url), await open(log)]
    const seen = new Set<string>()
    let at = (await stream.info()).recent
    const readThrough = (id: string) =>
      until(`${id} is read`, async () => {
        const page = await stream.read(at, { waitMs: 20 }).catch(() => undefined)
        at = page?.next ?? at
        for (const read of page === undefined ? [] : idsOf(page)) seen.add(read)
        return seen.has(id)
      })
    await stream.append(events('1', '2'))
    await readThrough('2')
    // What the second has before the first is lost must not be skipped, nor what the first gets late.
    await inSecond.append(events('3'))
    await redis.kill()
    await inSecond.append(events('4'))
    await readThrough('4')
    expect([...seen]).toEqual(['1', '2', '3', '4'])
    await redis.restart()
    await inFirst.append(events('3', '4', '5'))
    await readThrough('5')
    expect([...seen]).toEqual(numbered(5).map((id) => String(Number(id) + 1)))
    expect(switches).toEqual([inSecond.name, inFirst.name])
  })
})

describe('an agent that writes two streams', () => {
  it('fills the one while the other is away, and both are complete in the end', async () => {
    const redis = await startRedis()
    await redis.kill()
    const log = temporaryLog()
    const publisher = createPublisher({ stream: `${redis.url},${log}`, spoolDir: temporaryFolder(), heartbeatMs: 0 })
    onTestFinished(async () => void (await publisher.close(100)))
    const call = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5-mini' }
    for (let i = 0; i < 50; i += 1) publisher.pipeline.spanEnded(aSpan(call))
    const second = await until('the second has all of them', async () => {
      const ids = await allOf(log)
      return ids.length >= 50 && ids
    })
    await redis.restart()
    expect(await publisher.flush(20_000)).toBe(true)
    expect(await allOf(redis.url)).toEqual(second)
  })
})

describe('a gateway of two streams', () => {
  it('goes on with the second when the first is lost, and back: each event once, and no gap', async () => {
    const redis = await startRedis({ durable: true })
    const log = temporaryLog()
    const gateway = await aGateway({ stream: `${redis.url},${log}`, fallBackMs: 100 })
    const [inFirst, inSecond] = [await open(redis.url), await open(log)]
    const client = await signIn(gateway.url, { protocol_version: 1 })
    const ids = () => client.events().map(({ event_id: id }) => id)
    await gateway.stream.append(events('1', '2'))
    await client.next('stream_event', 1)
    await redis.kill()
    await inSecond.append(events('3', '4'))
    await client.next('stream_event', 3)
    await until('it is ready again', async () => (await fetch(`${gateway.url}/readyz`)).ok)
    await redis.restart()
    await inFirst.append(events('3', '4', '5'))
    await until('the first is read again', async () => {
      // The second is waited for until something comes.
      await inSecond.append(events('4'))
      return ids().includes('5')
    })
    expect(ids()).toEqual(['1', '2', '3', '4', '5'])
    expect(client.messages.filter(({ type }) => type === 'gap')).toEqual([])
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
    expect(metrics).toMatch(/auren_gateway_duplicates_total [1-9]/)
  })
})
