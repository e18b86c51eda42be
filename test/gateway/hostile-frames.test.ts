import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventSource } from '../support/event-source.ts'
import { aGateway } from '../support/gateway.ts'
import { until } from '../support/until.ts'
import { signIn } from '../support/ws-client.ts'

/** First byte of a frame (RFC 6455 §5.2): FIN, reserved bits, opcode. */
const [text, unfinished, more, ping, reservedBit, reservedOpcode] = [0x81, 0x01, 0x00, 0x89, 0xc1, 0x83]
const masked = 0x80

/** A frame with a mask of zeros, which leaves the payload as it is. */
function frame(first: number, payload = Buffer.alloc(0)): Buffer {
  const length = payload.length < 126 ? [masked | payload.length] : [masked | 126, payload.length >> 8, payload.length]
  return Buffer.concat([Buffer.from([first, ...length, 0, 0, 0, 0]), payload])
}

/** A connection on which anything can be written; `closing` is the code of the gateway's close frame. */
async function upgraded(
  url: string,
  path = '/ws',
): Promise<{ socket: Socket; isGone: () => boolean; closing: () => number | undefined }> {
  const { host, hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  let answer = Buffer.alloc(0)
  socket.on('data', (data: Buffer) => (answer = Buffer.concat([answer, data])))
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  await until('it is answered', () => answer.includes('\r\n\r\n'))
  const start = answer.indexOf('\r\n\r\n') + 4
  const closing = () => {
    const at = answer.indexOf(0x88, start)
    return at === -1 || answer.length < at + 4 ? undefined : answer.readUInt16BE(at + 2)
  }
  return { socket, isGone: () => socket.destroyed, closing }
}

const many = (count: number, bytes: Buffer) => Buffer.concat(Array.from({ length: count }, () => bytes))

describe('a client that sends frames as no client does', () => {
  it.each<[string, Buffer, number]>([
    ['text that is no UTF-8', frame(text, Buffer.from([0xc0, 0xaf])), 1007],
    ['a reserved bit', frame(reservedBit), 1002],
    ['a reserved opcode', frame(reservedOpcode), 1002],
    ['a frame without a mask', Buffer.from([text, 2, 0x7b, 0x7d]), 1002],
    ['a ping of 126 bytes', frame(ping, Buffer.alloc(126)), 1002],
    [
      'a message in 10,000 fragments',
      Buffer.concat([frame(unfinished), many(10_000, frame(more, Buffer.from('x')))]),
      1008,
    ],
    ['a million empty fragments', Buffer.concat([frame(unfinished), many(1_000_000, frame(more))]), 1008],
  ])('is closed for %s, and nobody else', async (_name, bytes, code) => {
    const { url } = await aGateway()
    const other = await signIn(url)
    const { socket, closing } = await upgraded(url)
    socket.write(bytes)
    expect(await until('it is closed', closing)).toBe(code)
    other.send({ type: 'ping' })
    await other.next('pong')
  })

  it('is told why it is sent away, and not read any more when it goes on', async () => {
    let connection: Socket | undefined
    const onConnection = (message: unknown) => (connection = (message as { readonly socket: Socket }).socket)
    const { url } = await aGateway({ messagesPerMinute: 5 })
    subscribe('net.server.socket', onConnection)
    onTestFinished(() => void unsubscribe('net.server.socket', onConnection))
    const { socket, closing } = await upgraded(url)
    socket.write(frame(text, Buffer.from('{"token":"test"}')))
    socket.write(many(8_000_000 / 1_000, frame(text, Buffer.alloc(1_000, ' '))))
    expect(await until('it is told', closing)).toBe(1008)
    await until('nothing more is taken from it', () => connection?.isPaused())
    expect(connection?.bytesRead).toBeLessThan(1_000_000)
  })

  it('takes nobody’s room when it was turned away and does not go', async () => {
    const { url } = await aGateway({ maxConnections: 3, maxPendingPerAddress: 1 })
    const deaf = await Promise.all([upgraded(url), upgraded(url), upgraded(url), upgraded(url)])
    await until('all but one are turned away', () => deaf.filter(({ closing }) => closing() === 1013).length === 3)
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/gateway_connections 4$/m)
    expect((await eventSource(url)).response.status).toBe(200)
  })

  it('is cut where there is no WebSocket for it', async () => {
    const { url } = await aGateway()
    // The first is refused before any hook, the second closed by the plugin for WebSockets.
    const lost = await Promise.all(['/%zz', '/metrics'].map((path) => upgraded(url, path)))
    await until('both are gone', () => lost.every(({ isGone }) => isGone()))
  })

  it('is cut when it pings and pings and reads no answer', async () => {
    const { url } = await aGateway()
    const other = await signIn(url)
    const { socket, isGone } = await upgraded(url)
    socket.pause()
    const flood = many(2_000, frame(ping, Buffer.alloc(125)))
    await until('it is cut', () => {
      if (socket.writableLength < 1_000_000) socket.write(flood)
      // Only a socket that is read notices its end.
      if (socket.bytesWritten > 20_000_000) socket.resume()
      return isGone()
    })
    other.send({ type: 'ping' })
    await other.next('pong')
  })
})
