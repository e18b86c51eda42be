import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { TLSSocket } from 'node:tls'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { DirectWriter } from '../../src/gateway/delivery/direct-writer.ts'
import { encodings } from '../../src/gateway/delivery/encoding.ts'
import { WebSocketSink } from '../../src/gateway/delivery/websocket-sink.ts'
import { textFrame } from '../../src/gateway/feed/text-frame.ts'
import { until } from '../support/until.ts'

const portOf = (server: Server | WebSocketServer) => (server.address() as AddressInfo).port

/** Both ends of a TCP connection; the client reads nothing before it is told to. */
async function aConnection(): Promise<{ readonly connection: Socket; readonly client: Socket }> {
  // Does not read by itself: what fails is the write.
  const server = createServer({ pauseOnConnect: true })
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const client = connect(portOf(server), '127.0.0.1').pause()
  onTestFinished(() => void client.destroy())
  const connection = await accepted
  connection.on('error', () => undefined)
  onTestFinished(() => void connection.destroy())
  return { connection, client }
}

function writerOf(connection: Socket): DirectWriter {
  const writer = DirectWriter.to(connection)
  if (writer === undefined) throw new Error('this Node writes otherwise: DirectWriter has to be looked at')
  return writer
}

/** Writes until the system takes no more; how many bytes that was. */
function fill(writer: DirectWriter): number {
  const part = Buffer.alloc(16_000, 'x')
  let bytes = 0
  while (writer.write(part)) bytes += part.length
  return bytes
}

describe('a direct writer', () => {
  it('writes past the stream of a TCP connection', async () => {
    const { connection, client } = await aConnection()
    const stream = vi.spyOn(connection, 'write')
    expect(writerOf(connection).write(Buffer.from('past it'))).toBe(true)
    const received = await new Promise<Buffer>((resolve) => client.once('data', resolve).resume())
    expect(received.toString()).toBe('past it')
    expect(stream).not.toHaveBeenCalled()
  })

  it('leaves connections to their streams that are no plain TCP', () => {
    expect(DirectWriter.to(new PassThrough())).toBeUndefined()
    expect(DirectWriter.to(new TLSSocket(new PassThrough()))).toBeUndefined()
  })

  it('takes one write more than a client that reads nothing leaves room for, and goes on when that has left', async () => {
    const { connection, client } = await aConnection()
    const writer = writerOf(connection)
    const written = fill(writer)
    expect(writer.isWaiting).toBe(true)
    let read = 0
    client.on('data', ({ length }: Buffer) => (read += length)).resume()
    await until('all was read', () => read === written)
    await until('nothing waits', () => !writer.isWaiting)
    expect(writer.write(Buffer.from('more'))).toBe(true)
  })

  it('closes a connection that fails while bytes wait, and takes nothing more', async () => {
    const { connection, client } = await aConnection()
    const writer = writerOf(connection)
    fill(writer)
    client.resetAndDestroy()
    await until('it is closed', () => connection.closed)
    expect(writer.isWaiting).toBe(false)
    expect(writer.write(Buffer.from('more'))).toBe(false)
  })
})

/** What may happen to a connection, in any order; numbers are lengths of what is written. */
type Happening =
  'ping' | 'pause' | 'resume' | 'wait' | { readonly message: number } | { readonly frames: readonly number[] }
const happenings: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ frames: fc.array(fc.integer({ min: 0, max: 70_000 }), { minLength: 1 }) }) },
    { weight: 2, arbitrary: fc.record({ message: fc.integer({ min: 0, max: 3_000 }) }) },
    fc.record({ frames: fc.constantFrom(60_000, 70_000).map((length) => Array.from({ length: 80 }, () => length)) }),
    fc.constantFrom('ping' as const, 'pause' as const, 'resume' as const, 'wait' as const),
  ),
  { minLength: 3, maxLength: 30 },
)

describe('a WebSocket that is written to past its stream', () => {
  it('brings every message once and in order, however the client reads and whatever ws says between', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
    onTestFinished(() => void server.close())
    await until('it listens', () => server.address())
    let waited = 0
    const check = async (all: readonly Happening[]) => {
      const client = new WebSocket(`ws://127.0.0.1:${portOf(server)}`)
      const [socket, { socket: connection }] = await new Promise<[WebSocket, { socket: Socket }]>((resolve) =>
        server.once('connection', (...both) => resolve(both)),
      )
      const sink = new WebSocketSink(socket, connection, encodings.v1)
      const [sent, received] = [[] as string[], [] as string[]]
      client.on('message', (data: Buffer) => received.push(data.toString()))
      const aText = (length: number) => {
        const text = `${sent.length} ${'x'.repeat(length)}`
        sent.push(text)
        return text
      }
      for (const what of all) {
        if (what === 'ping') socket.ping()
        else if (what === 'pause') client.pause()
        else if (what === 'resume') client.resume()
        else if (what === 'wait') await new Promise(setImmediate)
        else if ('message' in what) socket.send(aText(what.message))
        else
          for (const length of what.frames) {
            sink.write(textFrame(aText(length)).frame)
            waited += Number(sink.isBehind && connection.writableLength === 0)
          }
      }
      client.resume()
      await until('all have come', () => received.length >= sent.length)
      expect(received).toEqual(sent)
      await until('nothing waits', () => !sink.isBehind)
      client.terminate()
    }
    await fc.assert(fc.asyncProperty(happenings, check), { numRuns: 25 })
    // Else nothing was shown of what waits below the stream.
    expect(waited).toBeGreaterThan(0)
  })
})
