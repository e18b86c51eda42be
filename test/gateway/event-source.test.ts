import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { anEvent } from '../support/events.ts'
import { eventSource } from '../support/event-source.ts'
import { aGateway, aToken, secret } from '../support/gateway.ts'
import { startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'

const numbered = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => anEvent({ event_id: `event-${from + index}` }))
const named = (from: number, count: number) => Array.from({ length: count }, (_, index) => `event-${from + index}`)
const idsOf = (events: readonly { readonly event_id: string }[]) => events.map(({ event_id: id }) => id)

describe('GET /events', () => {
  it('is the feed of version 1, and goes on at another gateway behind Last-Event-ID', async () => {
    const redis = await startRedis()
    const [one, two] = [await aGateway({ stream: redis.url }), await aGateway({ stream: redis.url })]
    const first = await eventSource(one.url)
    expect(first.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(await first.next('connection_established')).toMatchObject({ protocol_version: 1, user_id: 'test_user' })
    await one.stream.append(numbered(0, 3))
    await first.next('stream_event', 2)
    first.close()
    await one.stream.append(numbered(3, 700))
    const back = await eventSource(two.url, { 'last-event-id': String(first.lastEventId()) })
    await back.next('stream_event', 699)
    expect(idsOf(back.events())).toEqual(named(3, 700))
    expect(await back.next('resume_result')).toMatchObject({ ok: true })
  })

  it('tells its place before there is an event, so that who is cut off then misses none', async () => {
    const { url, stream } = await aGateway()
    await stream.append(numbered(0, 1))
    const source = await eventSource(url)
    await until('it has a place', () => source.lastEventId())
    source.close()
    await stream.append(numbered(1, 2))
    const back = await eventSource(url, { 'last-event-id': String(source.lastEventId()) })
    await back.next('stream_event', 1)
    expect(idsOf(back.events())).toEqual(named(1, 2))
  })

  it('moves the place of who is shown nothing on, so that what is trimmed meanwhile is no gap', async () => {
    const redis = await startRedis()
    const { url, stream } = await aGateway({ stream: redis.url, heartbeatMs: 100 })
    const source = await eventSource(`${url}/events?type=alert`)
    const first = await until('it has a place', () => source.lastEventId())
    const { id, epoch } = await stream.append(numbered(0, 10))
    await until('it has gone on', () => source.lastEventId() === `${id}@${epoch}`)
    source.close()
    await redis.client.xtrim('auren:events', 'MAXLEN', 0)
    const back = await eventSource(`${url}/events?type=alert`, { 'last-event-id': String(source.lastEventId()) })
    expect(await back.next('resume_result')).toMatchObject({ ok: true })
    const late = await eventSource(`${url}/events?type=alert`, { 'last-event-id': first })
    expect(await late.next('gap')).toMatchObject({ reason: 'trimmed', missed: 10 })
  })

  it('tells no place in front of what it has sent while it replays', async () => {
    const { url, stream } = await aGateway({ windowBytes: 1, heartbeatMs: 1 })
    const { first } = await stream.info()
    for (let batch = 0; batch < 3; batch += 1) await stream.append(numbered(batch * 500, 500))
    const source = await eventSource(`${url}/events?last_event_id=${first.id}@${first.epoch}`)
    await source.next('caught_up')
    const rows = source.places.map((place) => Number.parseInt(place, 10))
    expect(rows).toEqual(rows.toSorted((a, b) => a - b))
    expect(new Set(rows).size).toBe(1_500)
  })

  it('repeats no cursor that is none, and goes on from a place that is one', async () => {
    const { url, stream } = await aGateway()
    const bad = `x%0Adata: {"type":"pong"}%0A%0A`
    const source = await eventSource(`${url}/events?last_event_id=${bad}`)
    expect(await source.next('gap')).toMatchObject({ reason: 'invalid_cursor' })
    const { position } = await source.next('connection_established')
    expect(await source.next('gap')).toMatchObject({ first_available: position })
    expect(source.messages.map(({ type }) => type)).not.toContain('pong')
    await stream.append(numbered(0, 1))
    await source.next('stream_event')
  })

  it('tells of trimmed events as the WebSocket does', async () => {
    const redis = await startRedis()
    const gateway = await aGateway({ stream: redis.url, windowBytes: 1 })
    const { first } = await gateway.stream.info()
    await gateway.stream.append(numbered(0, 10))
    await redis.client.xtrim('auren:events', 'MAXLEN', 4)
    const source = await eventSource(`${gateway.url}/events?last_event_id=${first.id}@${first.epoch}`)
    await source.next('caught_up')
    expect(await source.next('gap')).toMatchObject({ reason: 'trimmed', missed: 6 })
    expect(idsOf(source.events())).toEqual(named(6, 4))
  })

  it('shows what its token may see and its query asks for', async () => {
    const { url, stream } = await aGateway({ jwtSecret: secret })
    const authorization = `Bearer ${await aToken({ tenant_id: 'a', user_id: 'ann' })}`
    const source = await eventSource(`${url}/events?subscription=llm_usage&subscription=tool_usage&agent=coach`, {
      authorization,
    })
    await source.next('connection_established')
    const wanted = { tenant_id: 'a', user_id: 'ann', source_agent: { id: 'coach', role: 'coach' } }
    await stream.append([
      anEvent({ ...wanted, event_id: 'other tenant', tenant_id: 'b' }),
      anEvent({ ...wanted, event_id: 'other user', user_id: 'bob' }),
      anEvent({ ...wanted, event_id: 'other agent', source_agent: { id: 'cook', role: 'cook' } }),
      anEvent({ ...wanted, event_id: 'other type', event_type: 'agent_decision' }),
      anEvent({ ...wanted, event_id: 'wanted', event_type: 'tool_usage' }),
    ])
    await source.next('stream_event')
    expect(idsOf(source.events())).toEqual(['wanted'])
  })

  it.each([
    ['no token', '/events', { authorization: '' }, 401],
    ['an unknown subscription', '/events?subscription=nope', {}, 400],
    ['a threshold above 1', '/events?performance_threshold=2', {}, 400],
  ])('refuses %s', async (_name, path, headers, status) => {
    const { url } = await aGateway()
    expect((await fetch(url + path, { headers: { authorization: 'Bearer test', ...headers } })).status).toBe(status)
  })

  it('counts as a connection: 503 when there is no room, and room again when it has gone', async () => {
    const { url } = await aGateway({ maxConnections: 1 })
    const first = await eventSource(url)
    await first.next('connection_established')
    const headers = { authorization: 'Bearer test' }
    const full = await fetch(`${url}/events`, { headers })
    expect([full.status, full.headers.get('retry-after')]).toEqual([503, '5'])
    first.close()
    await until('there is room', async () => {
      const again = await eventSource(url)
      return again.response.ok
    })
  })

  it('ends with its token, and when the gateway closes, which it says first', async () => {
    const gateway = await aGateway({ jwtSecret: secret })
    const exp = Math.floor(Date.now() / 1000) + 1
    const short = await eventSource(gateway.url, { authorization: `Bearer ${await aToken({ exp })}` })
    const long = await eventSource(gateway.url, { authorization: `Bearer ${await aToken()}` })
    await long.next('connection_established')
    await short.ended()
    await gateway.close()
    await long.next('server_draining')
    await long.ended()
  })
})

/** A reader of the feed that takes nothing of it. */
function stalledSource(url: string, query: string): void {
  const { host, hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined).pause()
  socket.write(`GET /events?${query} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer test\r\n\r\n`)
}

describe('a reader of GET /events that takes nothing', () => {
  it('is let go though no event is for it, and what is told besides does not pile up', async () => {
    const { url, stream } = await aGateway({ summaryMs: 1, stallMs: 400 })
    const now = { timestamp: new Date().toISOString() }
    const agents = Array.from({ length: 300 }, (_, index) => ({ id: `agent-${index}`, role: 'x' }))
    await stream.append(agents.map((agent) => anEvent({ ...now, source_agent: agent })))
    stalledSource(url, 'subscription=agent_performance&agent=nobody')
    await until('it is let go', async () =>
      /closed_total\{reason="slow_consumer"\} 1$/m.test(await (await fetch(`${url}/metrics`)).text()),
    )
  })
})

describe('GET /api/events?after=', () => {
  it('gives the stream page by page from the oldest, and then what is new', async () => {
    const { url, stream } = await aGateway()
    await stream.append([...numbered(0, 5), anEvent({ event_type: 'tool_usage' }), ...numbered(5, 5)])
    const headers = { authorization: 'Bearer test' }
    const page = async (after: string) => {
      const query = new URLSearchParams({ after, limit: '4', type: 'llm_call' })
      const answer = await fetch(`${url}/api/events?${query.toString()}`, { headers })
      return (await answer.json()) as { events: { event_id: string }[]; next: string; more: boolean }
    }
    const seen: string[] = []
    let next = 'earliest'
    for (let more = true; more;) {
      const answer = await page(next)
      seen.push(...idsOf(answer.events))
      ;({ next, more } = answer)
    }
    expect(seen).toEqual(named(0, 10))
    await stream.append(numbered(10, 1))
    expect(idsOf((await page(next)).events)).toEqual(named(10, 1))
  })

  it('says what was trimmed behind the cursor, and refuses one that is none', async () => {
    const redis = await startRedis()
    const { url, stream } = await aGateway({ stream: redis.url })
    const { first } = await stream.info()
    await stream.append(numbered(0, 10))
    await redis.client.xtrim('auren:events', 'MAXLEN', 3)
    const headers = { authorization: 'Bearer test' }
    const lost = await fetch(`${url}/api/events?after=${first.id}@${first.epoch}`, { headers })
    expect(await lost.json()).toMatchObject({ count: 3, gap: { reason: 'trimmed', missed: 7 } })
    const bad = await fetch(`${url}/api/events?after=nonsense`, { headers })
    expect(bad.status).toBe(400)
    expect(await bad.json()).toMatchObject({ code: 'AUREN_POSITION_INVALID' })
    await redis.kill()
    const down = await fetch(`${url}/api/events?after=earliest`, { headers })
    expect([down.status, down.headers.get('retry-after')]).toEqual([503, '5'])
  })
})
