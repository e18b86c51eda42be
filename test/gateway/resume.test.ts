import { describe, expect, it, onTestFinished } from 'vitest'
import { startGateway } from '../../src/gateway/server.ts'
import type { EventStream } from '../../src/streams/event-stream.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import type { TestClient } from '../support/ws-client.ts'
import { signIn } from '../support/ws-client.ts'
import { anEvent } from '../support/events.ts'
import { aGateway } from '../support/gateway.ts'
import { temporaryLog } from '../support/processes.ts'
import { startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'

const numbered = (from: number, count: number, fields: Parameters<typeof anEvent>[0] = {}) =>
  Array.from({ length: count }, (_, index) => anEvent({ event_id: `event-${from + index}`, ...fields }))
const idsOf = (client: TestClient) => client.events().map(({ event_id: id }) => id)
const named = (from: number, count: number) => Array.from({ length: count }, (_, index) => `event-${from + index}`)
const lastId = (client: TestClient) => String(client.messages.findLast(({ type }) => type === 'stream_event')?.['id'])
/** What came about events, in order; what is told of runs in between is another matter. */
const typesOf = (client: TestClient) =>
  client.messages
    .map(({ type }) => type)
    .filter((type) => type !== 'snapshot' && type !== 'run_update')
    .filter((type, index, all) => type !== all[index - 1])

const metrics = async (url: string) => (await fetch(`${url}/metrics`)).text()
const resume = (url: string, cursor: string, hello: object = {}) =>
  signIn(url, { protocol_version: 1, resume: { last_event_id: cursor }, ...hello })

/** A client that has seen the first events and is gone; where it was. */
async function seen(url: string, count: number): Promise<string> {
  const client = await signIn(url, { protocol_version: 1 })
  await client.next('stream_event', count - 1)
  client.socket.terminate()
  return lastId(client)
}

describe('coming back', () => {
  it('gives exactly what was missed, in order, on another gateway, and says when the replay is over', async () => {
    const redis = await startRedis()
    const [one, two] = [await aGateway({ stream: redis.url }), await aGateway({ stream: redis.url })]
    const watching = seen(one.url, 3)
    await until('it watches', async () => /connections 1$/m.test(await metrics(one.url)))
    await one.stream.append(numbered(0, 3))
    const cursor = await watching
    for (let batch = 0; batch < 10; batch += 1) await one.stream.append(numbered(3 + batch * 300, 300))
    await until('the other has read them', async () => /gateway_events_total 3003$/m.test(await metrics(two.url)))
    const client = await resume(two.url, cursor)
    await client.next('caught_up')
    expect(await client.next('resume_result')).toMatchObject({ ok: true, from: cursor, mode: 'replay' })
    expect(idsOf(client)).toEqual(named(3, 3_000))
    expect(await client.next('caught_up')).toMatchObject({ id: lastId(client) })
    await one.stream.append(numbered(3_003, 1))
    await client.next('stream_event', 3_000)
    expect(typesOf(client)).toEqual([
      'connection_established',
      'resume_result',
      'stream_event',
      'caught_up',
      'stream_event',
    ])
  })

  it.each(['redis', 'sqlite'])('reads what the window no longer holds from the %s stream', async (kind) => {
    const stream = kind === 'redis' ? (await startRedis()).url : temporaryLog()
    const gateway = await aGateway({ stream, windowBytes: 20_000 })
    const first = (await gateway.stream.info()).first
    for (let batch = 0; batch < 4; batch += 1) await gateway.stream.append(numbered(batch * 300, 300))
    const client = await resume(gateway.url, `${first.id}@${first.epoch}`)
    await client.next('caught_up')
    await gateway.stream.append(numbered(1_200, 5))
    await client.next('stream_event', 1_204)
    expect(idsOf(client)).toEqual(named(0, 1_205))
    expect(client.messages.some(({ type }) => type === 'gap')).toBe(false)
  })

  it('gives a replay to the client’s filter, and each event once although it was stored twice', async () => {
    const gateway = await aGateway({ windowBytes: 5_000 })
    const { first } = await gateway.stream.info()
    const tools = numbered(0, 20, { event_type: 'tool_usage' })
    await gateway.stream.append(tools)
    await gateway.stream.append([...tools, ...numbered(20, 20)])
    await until('it has read them', async () => {
      return /duplicates_total 20$/m.test(await metrics(gateway.url))
    })
    const client = await resume(gateway.url, `${first.id}@${first.epoch}`, { subscriptions: ['tool_usage'] })
    await client.next('caught_up')
    expect(idsOf(client)).toEqual(named(0, 20))
  })

  it.each([0, 4])('tells how many events were trimmed, when %i of ten are left', async (left) => {
    const redis = await startRedis()
    const [one, two] = [await aGateway({ stream: redis.url }), await aGateway({ stream: redis.url, windowBytes: 1 })]
    const watching = seen(one.url, 2)
    await until('it watches', async () => /connections 1$/m.test(await metrics(one.url)))
    await one.stream.append(numbered(0, 2))
    const cursor = await watching
    await one.stream.append(numbered(2, 10))
    await redis.client.xtrim('auren:events', 'MAXLEN', left)
    const client = await resume(two.url, cursor)
    await client.next('caught_up')
    expect(await client.next('resume_result')).toMatchObject({ ok: false, reason: 'trimmed' })
    expect(await client.next('gap')).toMatchObject({ reason: 'trimmed', requested: cursor, missed: 10 - left })
    expect(idsOf(client)).toEqual(named(12 - left, left))
    expect(typesOf(client).slice(0, 3)).toEqual(['connection_established', 'resume_result', 'gap'])
    await one.stream.append(numbered(12, 1))
    await client.next('stream_event', left)
  })

  it('announces in the middle of a replay what is trimmed while the client stalls', async () => {
    const redis = await startRedis()
    const gateway = await aGateway({ stream: redis.url, windowBytes: 100_000 })
    const { first } = await gateway.stream.info()
    const large = { payload: { text: 'x'.repeat(20_000) } }
    for (let batch = 0; batch < 8; batch += 1) await gateway.stream.append(numbered(batch * 200, 200, large))
    const client = await signIn(gateway.url, { protocol_version: 1, subscriptions: [] })
    client.socket.terminate()
    const slow = await resume(gateway.url, `${first.id}@${first.epoch}`)
    slow.socket.pause()
    await until('it is stalled', async () => /slow_consumers 1$/m.test(await metrics(gateway.url)))
    await redis.client.xtrim('auren:events', 'MAXLEN', 10)
    slow.socket.resume()
    await slow.next('caught_up')
    const gaps = slow.messages.filter(({ type }) => type === 'gap')
    expect(gaps).toHaveLength(1)
    expect(Number(gaps[0]?.['missed']) + slow.events().length).toBe(1_600)
    const before = slow.messages
      .slice(0, slow.messages.indexOf(gaps[0] as never))
      .filter(({ type }) => type === 'stream_event')
    expect(idsOf(slow)).toEqual([...named(0, before.length), ...named(1_590, 10)])
  })

  it('tells everybody within ten seconds when the stream was flushed, and goes on', async () => {
    const redis = await startRedis()
    const gateway = await aGateway({ stream: redis.url })
    const live = await signIn(gateway.url, { protocol_version: 1 })
    await gateway.stream.append(numbered(0, 3))
    await live.next('stream_event', 2)
    await redis.client.flushall()
    expect(await live.next('gap')).toMatchObject({ reason: 'epoch_changed', missed: null })
    await gateway.stream.append(numbered(3, 1))
    await live.next('stream_event', 3)
    const other = await aGateway({ stream: redis.url })
    const late = await resume(other.url, String(live.messages.find(({ type }) => type === 'stream_event')?.['id']))
    expect(await late.next('gap')).toMatchObject({ reason: 'epoch_changed' })
    await late.next('caught_up')
    expect(idsOf(late)).toEqual(named(3, 1))
  })

  it('says so when the cursor is ahead of the stream, and gives what comes', async () => {
    const gateway = await aGateway()
    await gateway.stream.append(numbered(0, 2))
    const { epoch } = await gateway.stream.info()
    const client = await resume(gateway.url, `99@${epoch}`)
    expect(await client.next('resume_result')).toMatchObject({ ok: false, reason: 'future_cursor' })
    expect(await client.next('gap')).toMatchObject({ reason: 'future_cursor', missed: null })
    await client.next('caught_up')
    await gateway.stream.append(numbered(2, 1))
    await client.next('stream_event')
    expect(idsOf(client)).toEqual(named(2, 1))
  })

  it('knows a cursor of another log by its epoch alone', async () => {
    const gateway = await aGateway()
    await gateway.stream.append(numbered(0, 2))
    const client = await resume(gateway.url, `1@${'0'.repeat(12)}`)
    expect(await client.next('gap')).toMatchObject({ reason: 'epoch_changed', missed: null })
    await client.next('caught_up')
    expect(idsOf(client)).toEqual(named(0, 2))
  })

  it('tells of a single event that was trimmed', async () => {
    const redis = await startRedis()
    const gateway = await aGateway({ stream: redis.url, windowBytes: 1 })
    const { first } = await gateway.stream.info()
    await gateway.stream.append(numbered(0, 2))
    await redis.client.xtrim('auren:events', 'MAXLEN', 1)
    const client = await resume(gateway.url, `${first.id}@${first.epoch}`)
    expect(await client.next('gap')).toMatchObject({ reason: 'trimmed', missed: 1 })
    await client.next('caught_up')
    expect(idsOf(client)).toEqual(named(1, 1))
  })

  it('serves a cursor that its own tail has not reached, without gap or repetition', async () => {
    const url = temporaryLog()
    const stream = await openStream(url)
    let release = () => undefined as void
    const held = new Promise<void>((resolve) => (release = resolve))
    // The tail waits for news, and hears of none until it is released.
    const behind: EventStream = {
      name: stream.name,
      append: (events) => stream.append(events),
      read: async (after, options) =>
        (options?.waitMs ? held : Promise.resolve()).then(() => stream.read(after, options)),
      recent: (limit) => stream.recent(limit),
      info: () => stream.info(),
      close: () => stream.close(),
    }
    const gateway = await startGateway({ stream: behind, port: 0, logLevel: 'silent' })
    onTestFinished(async () => {
      await gateway.close()
      await stream.close()
    })
    await until('it is ready', async () => (await fetch(`${gateway.url}/readyz`)).ok)
    await stream.append(numbered(0, 10))
    const { epoch } = await stream.info()
    const client = await resume(gateway.url, `5@${epoch}`)
    await client.next('caught_up')
    expect(idsOf(client)).toEqual(named(5, 5))
    release()
    await stream.append(numbered(10, 2))
    await client.next('stream_event', 6)
    expect(idsOf(client)).toEqual(named(5, 7))
    expect(client.messages.some(({ type }) => type === 'gap')).toBe(false)
  })

  it.each(['1-', '-1-0', '9'.repeat(40), '1; DROP TABLE events', '💥', '', '@', '0-0@other epoch'])(
    'answers the cursor "%s" without repeating it, and goes on live',
    async (cursor) => {
      const gateway = await aGateway()
      await gateway.stream.append(numbered(0, 1))
      const client = await resume(gateway.url, cursor)
      expect(await client.next('resume_result')).toMatchObject({ ok: false, mode: 'live', reason: 'invalid_cursor' })
      await gateway.stream.append(numbered(1, 1))
      await client.next('stream_event')
      expect(idsOf(client)).toEqual(named(1, 1))
      if (cursor.length > 2) expect(JSON.stringify(client.messages)).not.toContain(cursor)
    },
  )

  it('leaves out a resume that is malformed, and says so', async () => {
    const gateway = await aGateway()
    const client = await signIn(gateway.url, { protocol_version: 1, resume: { last_event_id: 7 } })
    expect(await client.next('error')).toMatchObject({ code: 'invalid_message' })
  })
})
