import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { connect } from '../../src/client/live-client.ts'
import type { ClientOptions, ClientState } from '../../src/client/live-client.ts'
import { anEvent } from '../support/events.ts'
import { until } from '../support/until.ts'

/** A server that does what a good gateway never would. Says what each connection is to get for its first message. */
async function aServer(greet: (socket: WebSocket, connection: number) => void) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  const heard: string[] = []
  let connections = 0
  server.on('connection', (socket) => {
    const number = (connections += 1)
    socket.on('message', (data: Buffer) => heard.push(data.toString()))
    socket.once('message', () => greet(socket, number))
  })
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  await once(server, 'listening')
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, heard, connections: () => connections }
}

function open(options: Partial<ClientOptions> & { readonly url: string }) {
  const states: [ClientState, string | undefined][] = []
  const client = connect({ token: 'test', onState: (state, reason) => states.push([state, reason]), ...options })
  onTestFinished(() => client.close())
  return { client, states }
}

const established = JSON.stringify({ type: 'connection_established' })

describe('the live client, where things go wrong', () => {
  it.each(['nowhere', 'ftp://127.0.0.1', ''])('throws at once for the url "%s"', (url) => {
    expect(() => connect({ url, token: 'test' })).toThrow(expect.objectContaining({ code: 'AUREN_OPTIONS_INVALID' }))
  })

  it('goes on after frames that are no messages, and types it does not know', async () => {
    const { url } = await aServer((socket) => {
      for (const frame of ['not json', 'null', '7', '{}', '{"type":"brand_new"}']) socket.send(frame)
      socket.send(Buffer.from('{"type":"error"}'), { binary: true })
      socket.send(established)
      socket.send(JSON.stringify({ type: 'stream_event', id: '1', event: anEvent({ event_id: 'one' }) }))
    })
    const { client } = open({ url })
    expect((await client[Symbol.asyncIterator]().next()).value).toMatchObject({ event_id: 'one' })
    expect(client.state).toBe('live')
  })

  it('takes a connection that falls silent for dead, and opens another', async () => {
    const server = await aServer((socket, number) => {
      socket.send(established)
      if (number === 1) return
      socket.on('message', () => socket.send('{"type":"pong"}'))
    })
    const { client, states } = open({ url: server.url, pingMs: 50 })
    await until('it is live again', () => server.connections() === 2 && client.state === 'live')
    const pings = () => server.heard.filter((text) => text === '{"type":"ping"}').length
    const before = pings()
    await until('an answered connection has been kept for five beats', () => pings() >= before + 5)
    expect(server.connections()).toBe(2)
    expect(states).toEqual([
      ['live', undefined],
      ['reconnecting', 'no answer'],
      ['live', undefined],
    ])
  })

  it('comes back with a fresh token when its own has expired, if it was told how to get one', async () => {
    const refuse = (socket: WebSocket, number: number) => {
      socket.send(established)
      if (number === 1) socket.close(1008, 'token_expired')
    }
    const server = await aServer(refuse)
    const { client } = open({ url: server.url, token: () => `token-${server.connections()}` })
    await until('it is live again', () => server.connections() === 2 && client.state === 'live')

    const fixed = open({ url: (await aServer(refuse)).url, token: 'old' })
    await until('it is closed', () => fixed.client.state === 'closed')
    expect(fixed.client.reason).toBe('token_expired')
  })

  it('says why there is no token, and asks for one again', async () => {
    const { url } = await aServer((socket) => socket.send(established))
    let asked = 0
    const token = () => {
      asked += 1
      return asked === 1 ? Promise.reject(new Error('vault is sealed')) : 'test'
    }
    const { client, states } = open({ url, token })
    await until('it is live', () => client.state === 'live')
    expect(states[0]).toEqual(['reconnecting', 'no token: vault is sealed'])
  })

  it('gives an event once that is sent again', async () => {
    const { url } = await aServer((socket) => {
      socket.send(established)
      for (const id of ['1', '1', '2'])
        socket.send(JSON.stringify({ type: 'stream_event', id, event: anEvent({ event_id: id }) }))
    })
    const reader = open({ url }).client[Symbol.asyncIterator]()
    expect((await reader.next()).value).toMatchObject({ event_id: '1' })
    expect((await reader.next()).value).toMatchObject({ event_id: '2' })
  })

  it('tells a slow reader how many events it lost, where they are missing', async () => {
    const { url } = await aServer((socket) => {
      socket.send(established)
      for (let number = 0; number < 5; number += 1)
        socket.send(JSON.stringify({ type: 'stream_event', id: '1', event: anEvent({ event_id: String(number) }) }))
    })
    const seen: (string | number)[] = []
    const { client } = open({ url, maxBuffered: 2, onDropped: (count) => seen.push(count) })
    await until('three are dropped', () => client.dropped === 3)
    expect(seen).toEqual([])
    for await (const event of client) {
      seen.push(event.event_id)
      if (seen.length === 3) client.close()
    }
    expect(seen).toEqual([3, '3', '4'])
  })
})
