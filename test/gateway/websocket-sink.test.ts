import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { encodings } from '../../src/gateway/delivery/encoding.ts'
import { WebSocketSink } from '../../src/gateway/delivery/websocket-sink.ts'
import { textFrame } from '../../src/gateway/feed/text-frame.ts'
import { until } from '../support/until.ts'

/** Lengths on both sides of where the header of a frame grows (RFC 6455 §5.2). */
const texts = [0, 125, 126, 65_535, 65_536].map((length) => 'x'.repeat(length))
const frames = Buffer.concat(texts.map((text) => textFrame(text).frame))

describe('frames that were made for many', () => {
  it.each([
    ['in one write', false],
    ['one by one where compression was agreed on', true],
  ])('reach a client %s, between messages of the WebSocket’s own', async (_how, perMessageDeflate) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate })
    onTestFinished(() => void server.close())
    server.on('connection', (socket, { socket: connection }) => {
      const sink = new WebSocketSink(socket, connection, encodings.v1)
      socket.send('first')
      sink.write(frames)
      socket.send('last')
    })
    await until('it listens', () => server.address())
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
    onTestFinished(() => client.terminate())
    const received: string[] = []
    client.on('message', (data: Buffer) => received.push(data.toString()))
    await until('all have come', () => received.includes('last'))
    expect(client.extensions).toBe(perMessageDeflate ? 'permessage-deflate' : '')
    expect(received).toEqual(['first', ...texts, 'last'])
  })
})
