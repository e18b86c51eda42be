import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { EventStream } from '../../src/streams/event-stream.ts'
import { anEvent } from '../support/events.ts'
import { aGateway } from '../support/gateway.ts'
import { temporaryLog } from '../support/processes.ts'
import { until } from '../support/until.ts'
import { connectTo, signIn } from '../support/ws-client.ts'

const large = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) =>
    anEvent({ event_id: `event-${from + index}`, payload: { text: 'x'.repeat(20_000) } }),
  )
const metrics = async (url: string) => (await fetch(`${url}/metrics`)).text()

/** Appends until a client that takes nothing has fallen behind. Returns how many events that took. */
async function appendUntilBehind(url: string, stream: EventStream): Promise<number> {
  let sent = 0
  await until('it is behind', async () => {
    await stream.append(large(50, sent))
    sent += 50
    return /slow_consumers 1$/m.test(await metrics(url))
  })
  return sent
}

/** What a client is answered that asks for a WebSocket now, and never ends its side: as soon as the gateway has. */
async function lateUpgrade(url: string): Promise<() => Promise<string>> {
  const { host, hostname, port } = new URL(url)
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  let [answer, isEnded] = ['', false]
  socket.on('data', (data: Buffer) => (answer += data.toString()))
  socket.on('end', () => (isEnded = true))
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  await until('it is answered', () => answer)
  return () => until('its connection is ended', () => isEnded && answer)
}

describe('a gateway that is closed', () => {
  it('tells clients of version 1 first, sends all away one by one, and cuts those who do not answer', async () => {
    const gateway = await aGateway({ connectionsPerSecond: 20, drainMs: 400 })
    const clients = [
      await signIn(gateway.url, { protocol_version: 1 }),
      await signIn(gateway.url),
      await signIn(gateway.url, { protocol_version: 1 }),
    ]
    const deaf = await signIn(gateway.url, { protocol_version: 1 })
    deaf.socket.pause()
    const closing = gateway.close()
    expect(await clients[0]?.next('server_draining')).toEqual({ type: 'server_draining', reconnect_within_ms: 200 })
    const late = await lateUpgrade(gateway.url)
    for (const client of clients) expect(await client.closed()).toEqual({ code: 1001, reason: 'server_draining' })
    expect(await late()).toMatch(/^HTTP\/1.1 503 /)
    expect(clients[1]?.messages.some(({ type }) => type === 'server_draining')).toBe(false)
    await closing
    await expect(connectTo(gateway.url)).rejects.toThrow()
  })
})

describe('a gateway that is to end', () => {
  it('is no longer ready, and serves old and new clients until a load balancer has noticed', async () => {
    const gateway = await aGateway({ drainDelayMs: 4_000 })
    const client = await signIn(gateway.url, { protocol_version: 1 })
    const closing = gateway.close()
    await until('it is not ready', async () => (await fetch(`${gateway.url}/readyz`)).status === 503)
    expect(await (await fetch(`${gateway.url}/readyz`)).json()).toMatchObject({ reason: 'draining' })
    const late = await signIn(gateway.url)
    await gateway.stream.append([anEvent()])
    await Promise.all([client.next('stream_event'), late.next('stream_event')])
    expect(client.messages.some(({ type }) => type === 'server_draining')).toBe(false)
    expect(await late.closed()).toEqual({ code: 1001, reason: 'server_draining' })
    await closing
  })
})

describe('a client that stops reading', () => {
  it('costs nobody an event, and catches up without a loss when it reads again', async () => {
    const { url, stream } = await aGateway({ windowBytes: 1_000_000 })
    const [slow, fast] = [await signIn(url, { protocol_version: 1 }), await signIn(url, { protocol_version: 1 })]
    slow.socket.pause()
    let sent = await appendUntilBehind(url, stream)
    // Far more than the window holds.
    await stream.append(large(200, sent))
    sent += 200
    await fast.next('stream_event', sent - 1)
    slow.socket.resume()
    await slow.next('stream_event', sent - 1)
    const ids = Array.from({ length: sent }, (_, index) => `event-${index}`)
    for (const client of [slow, fast]) {
      expect(client.events().map(({ event_id: id }) => id)).toEqual(ids)
      expect(client.messages.some(({ type }) => type === 'gap')).toBe(false)
    }
  })

  it('is closed with the place to resume from, and misses nothing when it does', async () => {
    const log = temporaryLog()
    const { url, stream } = await aGateway({ stream: log, stallMs: 2_000 })
    const slow = await signIn(url, { protocol_version: 1 })
    slow.socket.pause()
    const sent = await appendUntilBehind(url, stream)
    await until('it is let go', async () => /closed_total\{reason="slow_consumer"\} 1$/m.test(await metrics(url)))
    slow.socket.resume()
    await slow.closed()
    const had = slow.events().length
    const fault = slow.messages.find(({ type }) => type === 'error')
    const last = slow.messages.findLast(({ type }) => type === 'stream_event')
    // The notice comes behind all that was sent, if the client still takes it within the grace.
    if (fault) expect(fault).toMatchObject({ code: 'slow_consumer', fatal: true, last_id: last?.['id'] })
    const again = await signIn(url, { protocol_version: 1, resume: { last_event_id: String(last?.['id']) } })
    await again.next('stream_event', sent - had - 1)
    expect(again.events()[0]?.event_id).toBe(`event-${had}`)
  })
})
