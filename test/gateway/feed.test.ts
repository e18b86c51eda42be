import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { anEvent } from '../support/events.ts'
import { aGateway } from '../support/gateway.ts'
import { temporaryLog } from '../support/processes.ts'
import { startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { signIn } from '../support/ws-client.ts'

const idsOf = (events: readonly { readonly event_id: string }[]) => events.map(({ event_id: id }) => id)
const numbered = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => anEvent({ event_id: `event-${from + index}` }))

async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const line = text
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name} `) || candidate.startsWith(`${name}{`))
  return Number(line?.split(' ').at(-1))
}

describe('the feed', () => {
  it('gives every client of two gateways every event exactly once, in stream order', async () => {
    const redis = await startRedis()
    const [one, two] = [await aGateway({ stream: redis.url }), await aGateway({ stream: redis.url })]
    const clients = [await signIn(one.url), await signIn(one.url), await signIn(two.url)]
    for (let batch = 0; batch < 20; batch += 1) {
      await Promise.all([
        one.stream.append(numbered(batch * 100, 50)),
        two.stream.append(numbered(batch * 100 + 50, 50)),
      ])
    }
    const inOrder = idsOf((await one.stream.recent(5_000)).map(({ event }) => event)).reverse()
    expect(inOrder).toHaveLength(2_000)
    for (const client of clients) {
      await client.next('stream_event', 1_999)
      expect(idsOf(client.events())).toEqual(inOrder)
    }
  })

  it('starts with what comes after it was started, not with the history', async () => {
    const stream = temporaryLog()
    const first = await aGateway({ stream })
    await first.stream.append([anEvent({ event_id: 'history' })])
    const client = await signIn((await aGateway({ stream })).url)
    await first.stream.append([anEvent({ event_id: 'news' })])
    await client.next('stream_event')
    expect(idsOf(client.events())).toEqual(['news'])
  })

  it('loses and repeats nothing while its connections to Redis are cut again and again', async () => {
    const redis = await startRedis()
    const gateway = await aGateway({ stream: redis.url })
    const client = await signIn(gateway.url)
    let cut = 0
    for (let round = 0; round < 20; round += 1) {
      cut += Number(await redis.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'))
      const events = numbered(round * 10, 10)
      await until('the append goes through', () => gateway.stream.append(events).catch(() => false))
    }
    expect(cut).toBeGreaterThan(20)
    await client.next('stream_event', 199)
    expect(idsOf(client.events())).toEqual(idsOf(numbered(0, 200)))
  })

  it('says that it is not ready while Redis does not answer, and goes on where it was', async () => {
    const redis = await startRedis()
    const gateway = await aGateway({ stream: redis.url })
    const client = await signIn(gateway.url, { protocol_version: 1 })
    await gateway.stream.append(numbered(0, 10))
    await client.next('stream_event', 9)
    redis.signal('SIGSTOP')
    const isReady = async () => (await fetch(`${gateway.url}/readyz`)).ok
    await until('it is not ready', async () => !(await isReady()))
    redis.signal('SIGCONT')
    await until('the append goes through', () => gateway.stream.append(numbered(10, 10)).catch(() => false))
    await client.next('stream_event', 19)
    expect(idsOf(client.events())).toEqual(idsOf(numbered(0, 20)))
    expect(client.messages.some(({ type }) => type === 'gap')).toBe(false)
    await until('it is ready', isReady)
  })

  it('is unready while Redis is down, keeps its clients, and tells those of v1 what was lost', async () => {
    const redis = await startRedis()
    const gateway = await aGateway({ stream: redis.url })
    const [old, current] = [await signIn(gateway.url), await signIn(gateway.url, { protocol_version: 1 })]
    await gateway.stream.append(numbered(0, 3))
    await current.next('stream_event', 2)
    await redis.kill()
    const down = await until('it is unready', async () => {
      const response = await fetch(`${gateway.url}/readyz`)
      return response.status === 503 && ((await response.json()) as { reason: string })
    })
    expect(down.reason).toMatch(/event stream cannot be reached/)
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200)
    await redis.restart()
    expect(await current.next('gap')).toMatchObject({ type: 'gap', reason: 'epoch_changed', missed: null })
    await until('it is ready again', async () => (await fetch(`${gateway.url}/readyz`)).ok)
    await gateway.stream.append(numbered(3, 1))
    await old.next('stream_event', 3)
    await current.next('stream_event', 3)
    expect(old.messages.some(({ type }) => type === 'gap')).toBe(false)
    expect(await metric(gateway.url, 'auren_gateway_log_gaps_total{reason="epoch_changed"}')).toBe(1)
  })

  it('skips malformed entries, counts them, and goes on behind them', async () => {
    const redis = await startRedis()
    const gateway = await aGateway({ stream: redis.url })
    const client = await signIn(gateway.url)
    await redis.client.xadd('auren:events', '*', 'event_id', 'x')
    await redis.client.xadd(
      'auren:events',
      '*',
      'event_id',
      'x',
      'timestamp',
      't',
      'event_type',
      'llm_call',
      'payload',
      '[]',
    )
    await redis.client.xadd('auren:events', '*', 'odd', '\u0000\uffff')
    await gateway.stream.append(numbered(0, 1))
    await client.next('stream_event')
    await until(
      'they are counted',
      async () => (await metric(gateway.url, 'auren_gateway_malformed_entries_total')) === 3,
    )
    expect(client.events()).toHaveLength(1)
  })

  it('delivers what an exporter sent twice once', async () => {
    const gateway = await aGateway()
    const client = await signIn(gateway.url)
    const [first, second] = numbered(0, 2)
    if (!first || !second) throw new Error('two events')
    await gateway.stream.append([first])
    await gateway.stream.append([first, second])
    await client.next('stream_event', 1)
    expect(idsOf(client.events())).toEqual(['event-0', 'event-1'])
    expect(await metric(gateway.url, 'auren_gateway_duplicates_total')).toBe(1)
  })

  it('starts before its stream can be read, and is ready when it can', async () => {
    const redis = await startRedis()
    await redis.kill()
    const starting = aGateway({ stream: redis.url })
    await redis.restart()
    const gateway = await starting
    const client = await signIn(gateway.url)
    await gateway.stream.append(numbered(0, 1))
    await client.next('stream_event')
  })

  it('reads entries that the predecessor wrote', async () => {
    const redis = await startRedis()
    const gateway = await aGateway({ stream: redis.url })
    const client = await signIn(gateway.url)
    const agent = '{"id": "coach", "role": "training_coach"}'
    const fields = ['event_id', 'py', 'timestamp', '2025-07-25T00:00:00+00:00', 'event_type', 'llm_call']
    await redis.client.xadd('auren:events', '*', ...fields, 'source_agent', agent)
    await client.next('stream_event')
    expect(client.events()[0]).toMatchObject({
      event_id: 'py',
      source_agent: { id: 'coach' },
      target_agent: null,
      payload: {},
    })
  })

  it('tells how many events were trimmed before it could read them', async () => {
    const stream = temporaryLog()
    const gateway = await aGateway({ stream })
    const client = await signIn(gateway.url, { protocol_version: 1 })
    // One transaction adds five events and takes three away, so the reader never saw those.
    const database = new DatabaseSync(stream.slice('sqlite:'.length))
    database.exec('BEGIN')
    for (const event of numbered(0, 5))
      database.prepare('INSERT INTO events (event) VALUES (?)').run(JSON.stringify(event))
    database.exec('DELETE FROM events WHERE id <= 3; COMMIT')
    database.close()
    expect(await client.next('gap')).toMatchObject({ type: 'gap', reason: 'trimmed', missed: 3 })
    await client.next('stream_event', 1)
    expect(idsOf(client.events())).toEqual(['event-3', 'event-4'])
    expect(client.messages.findIndex(({ type }) => type === 'gap')).toBeLessThan(
      client.messages.findIndex(({ type }) => type === 'stream_event'),
    )
  })
})
