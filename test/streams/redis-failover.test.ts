import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { EventWriter } from '../../src/exporters/event-writer.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { redisTarget } from '../../src/streams/redis-target.ts'
import { startCluster, startWatched } from '../support/redis-topology.ts'
import type { Topology } from '../support/redis-topology.ts'
import { until } from '../support/until.ts'
import { events, numbered, open, readAll } from './cases/opened-stream.ts'
import { eventStreamSuite } from './event-stream-suite.ts'

const kinds = [
  { name: 'watched by Sentinel', start: startWatched },
  { name: 'in a cluster', start: startCluster },
]

describe.each(kinds)('a Redis stream $name', ({ start }) => {
  let topology: Topology
  beforeAll(async () => {
    topology = await start()
  })
  afterAll(() => topology.close())

  eventStreamSuite(async () => {
    const key = `test:${randomUUID()}`
    const client = await topology.master()
    return {
      url: `${topology.url}?stream=${key}`,
      futureId: '9999999999999-0',
      trim: async (keep) => void (await client.xtrim(key, 'MAXLEN', keep)),
      destroy: async () => {
        for (const one of [key, `${key}:meta`, `{${key}}:meta`]) await client.del(one)
      },
      addGarbage: async () => void (await client.xadd(key, '*', 'nonsense', '1', 'payload', '{')),
    }
  })

  it('goes on at the new master when the old one dies: nothing a writer has is lost, and the order stays', async () => {
    const url = `${topology.url}?stream=${randomUUID()}`
    const writer = new EventWriter({
      open: () => openStream(url, { timeoutMs: 1_000 }),
      minRetryMs: 20,
      maxRetryMs: 200,
    })
    onTestFinished(async () => void (await writer.close(1_000)))
    writer.write(events('0', '1', '2'))
    expect(await writer.flush()).toBe(true)
    const stream = await open(url)
    const { first, epoch } = await stream.info()
    await topology.failOver(() => {
      writer.write(events('3', '4'))
      return until('the writer has met the failure', () => writer.stats.retries > 0)
    })
    expect(await writer.flush(20_000)).toBe(true)
    await until('the reader has found it', () => stream.info().then(() => true, () => false)) // prettier-ignore
    expect(await readAll(stream, first)).toEqual(numbered(5))
    expect((await stream.info()).epoch).toBe(epoch)
  })
})

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
