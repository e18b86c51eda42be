import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { EventWriter } from '../../src/exporters/event-writer.ts'
import type { AurenEvent } from '../../src/events/event.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { redisTarget } from '../../src/streams/redis-target.ts'
import { startCluster, startWatched } from '../support/redis-topology.ts'
import type { Topology } from '../support/redis-topology.ts'
import { until } from '../support/until.ts'
import { hashedUnderTest } from './cases/hashed-under-test.ts'
import { numbered, open, readAll } from './cases/opened-stream.ts'
import { ofFourTraces, ofTrace } from './cases/partitioned.ts'
import { eventStreamSuite, partitionedStreamSuite } from './event-stream-suite.ts'

const kinds = [
  { name: 'watched by Sentinel', start: startWatched, isSpread: false },
  { name: 'in a cluster', start: startCluster, isSpread: true },
]

describe.each(kinds)('a Redis stream $name', ({ start, isSpread }) => {
  let topology: Topology
  beforeAll(async () => {
    topology = await start()
  })
  afterAll(() => topology.close())

  eventStreamSuite(async () => {
    const key = `test:${randomUUID()}`
    const client = await topology.masterOf(key)
    return {
      url: `${topology.url}?stream=${key}`,
      futureId: '9999999999999-0',
      trim: async (keep) => void (await client.xtrim(key, 'MAXLEN', keep)),
      destroy: async () => {
        for (const one of [key, `${key}:meta`, `{${key}}:meta`]) await client.del(one).catch(() => undefined)
      },
      addGarbage: async () => void (await client.xadd(key, '*', 'nonsense', '1', 'payload', '{')),
    }
  })

  if (isSpread)
    describe('in four keys', () => {
      const create = () => hashedUnderTest(topology.url, (key) => topology.masterOf(key), 4)
      partitionedStreamSuite(() => Promise.resolve(create()))

      it('spreads them, and what belongs to each, over its nodes', async () => {
        const { url, keys } = create()
        const stream = await open(url)
        await stream.append(ofFourTraces(20))
        const nodes = await Promise.all(keys.map((key) => topology.masterOf(key)))
        expect(new Set(nodes).size).toBe(2)
        const lengths = await Promise.all(keys.map(async (key) => (await topology.masterOf(key)).xlen(key)))
        expect(lengths.toSorted()).toEqual([0, 0, 10, 10])
        for (const [at, key] of keys.entries()) expect(await nodes[at]?.exists(`${key}:meta`)).toBe(1)
      })
    })

  it('goes on at the new master when the old one dies, in one key and in four: nothing is lost, and the order stays', async () => {
    // The braces put it on the node that dies.
    const urls = [`${topology.url}?stream=${randomUUID()}:{3}`, `${topology.url}?stream=${randomUUID()}&streams=4`]
    const sent = ofFourTraces(60)
    const parties = await Promise.all(urls.map((url) => aWriterAndReader(url, sent.slice(0, 20))))
    await topology.failOver(async () => {
      for (const { writer } of parties) writer.write(sent.slice(20))
      for (const { writer } of parties) await until('a writer has met the failure', () => writer.stats.retries > 0)
    })
    for (const { writer, stream, first } of parties) {
      expect(await writer.flush(20_000)).toBe(true)
      await until('the reader has found it', () => stream.info().then(() => true, () => false)) // prettier-ignore
      const ids = [...new Set(await readAll(stream, first))]
      for (const trace of [0, 1, 2, 3]) expect(ofTrace(ids, trace)).toEqual(numbered(15, `${trace}/`))
      expect((await stream.info()).epoch).toBe(first.epoch)
    }
  })
})

async function aWriterAndReader(url: string, first: readonly AurenEvent[]) {
  const openOnce = () => openStream(url, { timeoutMs: 1_000 })
  const writer = new EventWriter({ open: openOnce, minRetryMs: 20, maxRetryMs: 200 })
  onTestFinished(async () => void (await writer.close(1_000)))
  writer.write(first)
  expect(await writer.flush()).toBe(true)
  const stream = await openOnce()
  onTestFinished(() => stream.close())
  return { writer, stream, first: (await stream.info()).first }
}

describe('the URL of a Redis beyond one node', () => {
  it('stands for itself without its credentials', () => {
    const login = 'ann:s3cret@'
    expect(redisTarget(`redis+sentinel://${login}one:26379,two/team?db=2&sentinel_password=s3cret`).name).toBe(
      'redis+sentinel://one:26379,two/team',
    )
    expect(redisTarget(`rediss+cluster://${login}one:7000,[::1]:7001`).name).toBe(
      'rediss+cluster://one:7000,[::1]:7001',
    )
  })

  it('puts what belongs together on one node of a cluster', () => {
    const cluster = redisTarget('redis+cluster://one')
    expect([cluster.metaKey('auren:events'), cluster.metaKey('{team}:events')]).toEqual([
      '{auren:events}:meta',
      '{team}:events:meta',
    ])
    expect(redisTarget('redis+sentinel://one/team').metaKey('auren:events')).toBe('auren:events:meta')
  })

  it.each([
    'redis+sentinel://u:s3cret@one:26379',
    'redis+sentinel://u:s3cret@one:port/team',
    'redis+sentinel://u:s3cret%@one/team',
    'redis+sentinel://u:s3cret@one/team?db=x',
    'redis+cluster://u:s3cret@one/2',
    'redis+cluster://',
  ])('is refused as %s, and never repeated', (url) => {
    let message = ''
    try {
      redisTarget(url)
    } catch (error) {
      expect(error).toMatchObject({ code: 'AUREN_STREAM_URL_INVALID' })
      message = (error as Error).message
    }
    expect(message).toContain('(')
    expect(message).not.toContain('s3cret')
  })
})
