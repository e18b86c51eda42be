import type { AurenEvent } from '../events/event.ts'
import { isTerminal } from '../protocol/close-codes.ts'
import type { ConnectionEstablished, ServerMessage } from '../protocol/server-messages.ts'
import type { SubscriptionName } from '../protocol/subscriptions.ts'
import { EventBuffer } from './event-buffer.ts'

export type ClientState =
  /** The first connection is under way. */
  | 'connecting'
  /** Events arrive as they happen. */
  | 'live'
  /** The connection was lost and is tried again. */
  | 'reconnecting'
  /** Closed by the caller, or refused for good: see `reason`. */
  | 'closed'

export interface ClientOptions {
  /** Address of the gateway: `ws://`, `wss://`, `http://` or `https://`. */
  readonly url: string
  /** A token, or a function that gives a fresh one for each connection. */
  readonly token: string | (() => string | Promise<string>)
  /** Default: all events. */
  readonly subscriptions?: readonly SubscriptionName[]
  /** Only events whose source or target agent is one of these. */
  readonly agents?: readonly string[]
  /** 0 to 1: events with a lower confidence score are left out. */
  readonly performanceThreshold?: number
  /** Events kept for a slow reader of the iterator, default 10,000; older ones are dropped and counted. */
  readonly maxBuffered?: number
  readonly onState?: (state: ClientState, reason: string | undefined) => void
  /** Every message of the gateway, events included. */
  readonly onMessage?: (message: ServerMessage) => void
}

/** Shortest and longest ceiling of the random wait before a reconnect, milliseconds; stable after so long a connection. */
const minBackOffMs = 500
const maxBackOffMs = 20_000
const stableMs = 30_000

/** Opens a live feed. It reconnects by itself until it is closed or the gateway refuses it for good. */
export function connect(options: ClientOptions): LiveClient {
  return new LiveClient(options)
}

/** The live feed of one gateway, as an async iterator of events. Works in browsers and in Node without a dependency. */
export class LiveClient implements AsyncIterable<AurenEvent> {
  readonly #options: ClientOptions
  readonly #events: EventBuffer
  #socket: WebSocket | undefined
  #state: ClientState = 'connecting'
  #attempts = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #established: ConnectionEstablished | undefined

  constructor(options: ClientOptions) {
    this.#options = options
    this.#events = new EventBuffer(options.maxBuffered ?? 10_000)
    void this.#open()
  }

  get state(): ClientState {
    return this.#state
  }

  /** What the gateway said when it let this client in. */
  get connection(): ConnectionEstablished | undefined {
    return this.#established
  }

  /** Events that a slow reader of the iterator lost. */
  get dropped(): number {
    return this.#events.dropped
  }

  [Symbol.asyncIterator](): AsyncIterator<AurenEvent> {
    return this.#events
  }

  /** Ends the connection and the iterator. Safe to call again. */
  close(): void {
    this.#end(undefined)
  }

  async #open(): Promise<void> {
    const { token, url } = this.#options
    let text: string
    try {
      text = typeof token === 'function' ? await token() : token
    } catch {
      return this.#reconnect()
    }
    if (this.#state === 'closed') return
    const socket = new WebSocket(url.replace(/^http/, 'ws'))
    this.#socket = socket
    let openedAt = Number.POSITIVE_INFINITY
    socket.onopen = () => socket.send(JSON.stringify(this.#hello(text)))
    socket.onmessage = ({ data }) => {
      if (openedAt === Number.POSITIVE_INFINITY) openedAt = performance.now()
      this.#receive(String(data))
    }
    socket.onclose = ({ code, reason }) => {
      if (this.#socket !== socket) return
      if (isTerminal(code, reason)) return this.#end(reason || `close code ${code}`)
      if (performance.now() - openedAt > stableMs) this.#attempts = 0
      this.#reconnect(reason || undefined)
    }
  }

  #hello(token: string): object {
    const { subscriptions, agents, performanceThreshold } = this.#options
    return {
      token,
      protocol_version: 1,
      ...(subscriptions && { subscriptions }),
      ...(agents && { agent_filter: agents }),
      ...(performanceThreshold !== undefined && { performance_threshold: performanceThreshold }),
    }
  }

  #receive(text: string): void {
    const message = JSON.parse(text) as ServerMessage
    if (message.type === 'connection_established') {
      this.#established = message
      this.#enter('live', undefined)
    }
    if (message.type === 'stream_event') this.#events.add(message.event)
    this.#options.onMessage?.(message)
  }

  #reconnect(reason?: string): void {
    if (this.#state === 'closed') return
    this.#enter('reconnecting', reason)
    const ceiling = Math.min(maxBackOffMs, minBackOffMs * 2 ** this.#attempts)
    this.#attempts += 1
    this.#timer = setTimeout(() => void this.#open(), Math.random() * ceiling)
  }

  #end(reason: string | undefined): void {
    if (this.#state === 'closed') return
    clearTimeout(this.#timer)
    this.#enter('closed', reason)
    this.#socket?.close(1000, 'bye')
    this.#events.end()
  }

  #enter(state: ClientState, reason: string | undefined): void {
    if (this.#state === state) return
    this.#state = state
    this.#options.onState?.(state, reason)
  }
}
