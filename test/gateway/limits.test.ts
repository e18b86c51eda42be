import { randomUUID } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startGateway } from '../../src/gateway/server.ts'
import type { EventStream } from '../../src/streams/event-stream.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { eventSource } from '../support/event-source.ts'
import { anEvent } from '../support/events.ts'
import { aGateway, aToken, secret } from '../support/gateway.ts'
import { temporaryLog } from '../support/processes.ts'
import { until } from '../support/until.ts'
import { connectTo, signIn } from '../support/ws-client.ts'

describe('limits', () => {
  it('closes a connection above the maximum with 1013 capacity and leaves the others alone', async () => {
    const { url } = await aGateway({ maxConnections: 2 })
    const [first] = [await signIn(url), await signIn(url)]
    expect(await (await connectTo(url)).closed()).toEqual({ code: 1013, reason: 'capacity' })
    first.send({ type: 'ping' })
    await first.next('pong')
  })

  it('lets others in when one address comes more often than it may', async () => {
    const { url } = await aGateway({ connectionsPerSecond: 2, maxPendingPerAddress: 1 })
    const clients = await Promise.all([connectTo(url), connectTo(url), connectTo(url), connectTo(url)])
    const turnedAway = () => clients.filter(({ socket }) => socket.readyState === socket.CLOSED)
    await until('all but one are turned away', () => turnedAway().length === 3)
    expect((await eventSource(url)).response.status).toBe(200)
  })

  it('closes a user’s connection above the maximum of one user; another user gets in', async () => {
    const { url } = await aGateway({ jwtSecret: secret, maxConnectionsPerUser: 1 })
    await signIn(url, { token: await aToken() })
    const second = await connectTo(url)
    second.send({ token: await aToken() })
    expect(await second.closed()).toEqual({ code: 1013, reason: 'capacity' })
    await signIn(url, { token: await aToken({ user_id: 'user-2' }) })
  })

  it('counts a user of the same name in another tenant apart', async () => {
    const { url } = await aGateway({ jwtSecret: secret, maxConnectionsPerUser: 1 })
    await signIn(url, { token: await aToken({ tenant_id: 'a' }) })
    await signIn(url, { token: await aToken({ tenant_id: 'b' }) })
  })

  it('closes with 1013 capacity when too many come within a second', async () => {
    const { url } = await aGateway({ connectionsPerSecond: 1 })
    const clients = await Promise.all([connectTo(url), connectTo(url), connectTo(url)])
    await until('one was turned away', () => clients.some(({ socket }) => socket.readyState === socket.CLOSED))
  })

  it('closes with 1008 rate_limit after too many messages, and says so first in v1', async () => {
    const { url } = await aGateway({ messagesPerMinute: 5 })
    const client = await signIn(url, { protocol_version: 1 })
    for (let i = 0; i < 5; i += 1) client.send({ type: 'ping' })
    expect(await client.next('error')).toMatchObject({ code: 'rate_limited', fatal: true })
    expect(await client.closed()).toEqual({ code: 1008, reason: 'rate_limit' })
  })

  it('announces events that a token’s budget left out, in both dialects', async () => {
    const { url, stream } = await aGateway({ jwtSecret: secret })
    const token = await aToken({ permissions: ['all'], max_events_per_minute: 600 })
    const [old, current] = [await signIn(url, { token }), await signIn(url, { token, protocol_version: 1 })]
    await stream.append(Array.from({ length: 700 }, () => anEvent()))
    await old.next('stream_event', 599)
    await until('the budget has grown by one', async () => {
      await stream.append([anEvent({ event_id: `late-${performance.now()}` })])
      return old.messages.some((message) => 'skipped' in message)
    })
    const skipped = old.messages.find((message) => 'skipped' in message)
    expect(skipped).toMatchObject({ type: 'stream_event', skipped: expect.any(Number) as number })
    expect(await current.next('gap')).toMatchObject({ reason: 'rate_limit', missed: expect.any(Number) as number })
    const total = (messages: typeof old.messages) =>
      messages.reduce(
        (sum, { type, skipped: left, missed }) => sum + (type === 'stream_event' ? 1 : 0) + Number(left ?? missed ?? 0),
        0,
      )
    await until('all are delivered or announced', () => total(old.messages) >= 700 && total(current.messages) >= 700)
  })

  it('says in front of a place in the stream what a budget left out before it', async () => {
    const { url, stream } = await aGateway({ jwtSecret: secret })
    const token = await aToken({ permissions: ['all'], max_events_per_minute: 10 })
    const client = await signIn(url, { token, protocol_version: 1 })
    const { id, epoch } = await stream.append(Array.from({ length: 15 }, () => anEvent({ event_id: randomUUID() })))
    let asked = 0
    await until('all were looked at', async () => {
      client.send({ type: 'ping' })
      return (await client.next('pong', asked++))['last_id'] === `${id}@${epoch}`
    })
    expect(client.messages.at(-2)).toMatchObject({ type: 'gap', reason: 'rate_limit', missed: 5 })
  })

  it('lets a client go that reads nothing, with 1013 slow_consumer, and others miss nothing', async () => {
    const { url, stream } = await aGateway({ stallMs: 2_000 })
    const [slow, fast] = [await signIn(url), await signIn(url)]
    slow.socket.pause()
    const payload = { text: 'x'.repeat(20_000) }
    const metrics = async () => (await fetch(`${url}/metrics`)).text()
    let sent = 0
    await until('the slow client is behind', async () => {
      await stream.append(Array.from({ length: 50 }, () => anEvent({ payload })))
      sent += 50
      return /slow_consumers 1$/m.test(await metrics())
    })
    await until('it is let go', async () =>
      /auren_gateway_closed_total\{reason="slow_consumer"\} 1/.test(await metrics()),
    )
    await fast.next('stream_event', sent - 1)
    expect(fast.events()).toHaveLength(sent)
  })

  it('searches for a client that asks and does not read only when it has taken the answer before, and answers all in order', async () => {
    const log = await openStream(temporaryLog())
    await log.append(Array.from({ length: 1_000 }, () => anEvent({ payload: { text: 'x'.repeat(5_000) } })))
    let searches = 0
    const recent: EventStream['recent'] = (...args) => ((searches += 1), log.recent(...args))
    const stream = Object.assign(Object.create(log) as EventStream, { recent })
    for (const name of ['append', 'read', 'info', 'close'] as const)
      Object.assign(stream, { [name]: log[name].bind(log) })
    const gateway = await startGateway({ logLevel: 'silent', port: 0, stream, messagesPerMinute: 1_000 })
    onTestFinished(async () => {
      await gateway.close()
      await log.close()
    })
    const client = await signIn(gateway.url, { protocol_version: 1 })
    client.socket.pause()
    for (let asked = 0; asked < 12; asked += 1)
      client.send({ type: 'get_recent', limit: 1_000, request_id: `${asked}` })
    // More than is read of one who waits for answers.
    for (let asked = 0; asked < 20; asked += 1)
      client.send({ type: 'ping', pad: 'x'.repeat(10_000), request_id: `ping ${asked}` })
    await until('a search was made for it', () => searches > 0)
    const other = await signIn(gateway.url)
    for (let asked = 0; asked < 3; asked += 1) {
      other.send({ type: 'get_recent', limit: 1_000 })
      await other.next('recent_events', asked)
    }
    expect(searches).toBeLessThan(9)
    client.socket.resume()
    await client.next('pong', 19)
    const ids = client.messages.flatMap(({ request_id: id }) => id ?? [])
    expect(ids).toEqual([...Array(12).keys()].map(String).concat([...Array(20).keys()].map((n) => `ping ${n}`)))
  })

  it('ends a connection that answers no ping', async () => {
    const { url } = await aGateway({ heartbeatMs: 500 })
    const [dead, alive] = [await signIn(url), await signIn(url)]
    dead.socket.pause()
    await until('the dead one is gone', async () => {
      return /^auren_gateway_connections 1$/m.test(await (await fetch(`${url}/metrics`)).text())
    })
    expect(alive.socket.readyState).toBe(alive.socket.OPEN)
  })

  it('closes every connection with 1001 server_draining when it is closed', async () => {
    const gateway = await aGateway()
    const clients = [await signIn(gateway.url), await signIn(gateway.url)]
    await gateway.close()
    for (const client of clients) expect(await client.closed()).toEqual({ code: 1001, reason: 'server_draining' })
  })
})
