import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { AurenEvent } from '../../src/events/event.ts'
import { assertServerFrame } from './server-frames.ts'
import { until } from './until.ts'

export interface Message {
  readonly type: string
  readonly [key: string]: unknown
}

export interface TestClient {
  readonly socket: WebSocket
  /** Everything that has come, so that no test depends on listening at the right moment. */
  readonly messages: readonly Message[]
  send(message: unknown): void
  /** The first message of this type, waited for; `after` so many of them. */
  next(type: string, after?: number): Promise<Message>
  /** Events that have come, in order. */
  events(): AurenEvent[]
  /** Close code and reason, waited for. */
  closed(): Promise<{ readonly code: number; readonly reason: string }>
}

export interface ConnectOptions {
  readonly origin?: string
  readonly subprotocols?: string[]
}

/**
 * A plain WebSocket client that fails the test on a frame that is not as documented; closed when the test is finished. Text is sent
 * as it is, all else as JSON.
 */
export async function connectTo(url: string, { subprotocols, ...options }: ConnectOptions = {}): Promise<TestClient> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), subprotocols, options)
  const messages: Message[] = []
  let closed: { code: number; reason: string } | undefined
  socket.on('message', (data: Buffer) => messages.push(assertServerFrame(data.toString())))
  socket.on('close', (code, reason) => (closed = { code, reason: reason.toString() }))
  onTestFinished(() => socket.terminate())
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  socket.on('error', () => undefined)
  return {
    socket,
    messages,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: (type, after = 0) =>
      until(`a message of type ${type}`, () => messages.filter((message) => message.type === type)[after]),
    events: () => messages.filter(({ type }) => type === 'stream_event').map(({ event }) => event as AurenEvent),
    closed: () => until('the connection is closed', () => closed),
  }
}

/** A client that is let in. */
export async function signIn(url: string, hello: Readonly<Record<string, unknown>> = {}): Promise<TestClient> {
  const client = await connectTo(url)
  client.send({ token: 'test', ...hello })
  await client.next('connection_established')
  return client
}
