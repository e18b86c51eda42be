import { AurenError } from '../errors.ts'
import type { AurenEvent } from '../events/event.ts'
import { isTerminal } from '../protocol/close-codes.ts'
import type { ConnectionEstablished, ServerMessage } from '../protocol/server-messages.ts'
import type { SubscriptionName } from '../protocol/subscriptions.ts'
import { EventBuffer } from './event-buffer.ts'
import { parseServerMessage } from './server-message.ts'
import { Watchdog } from './watchdog.ts'

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
  /** Milliseconds between pings, default 25,000; a connection silent for two to three times that is dead. */
  readonly pingMs?: number
  readonly onState?: (state: ClientState, reason: string | undefined) => void
  /** Every message of the gateway, events included. */
  readonly onMessage?: (message: ServerMessage) => void
  /** Told when the reader of the iterator comes to where events were dropped because it was slow. */
  readonly onDropped?: (count: number) => void
}

/** Shortest and longest ceiling of the random wait before a reconnect, milliseconds; stable after so long a connection. */
const minBackOffMs = 500
const maxBackOffMs = 20_000
const stableMs = 30_000

/**
 * Opens a live feed. It reconnects by itself until it is closed or the gateway refuses it for good. Throws
 * AUREN_OPTIONS_INVALID when the URL is none.
 */
export function connect(options: ClientOptions): LiveClient {
  return new LiveClient(options)
}

/** The live feed of one gateway, as an async iterator of events. Works in browsers and in Node without a dependency. */
export class LiveClient implements AsyncIterable<AurenEvent> {
  readonly #options: ClientOptions
  readonly #url: string
  readonly #events: EventBuffer
  #socket: WebSocket | undefined
  #state: ClientState = 'connecting'
  #reason: string | undefined
  #attempts = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #watchdog: Watchdog | undefined
  #established: ConnectionEstablished | undefined

  constructor(options: ClientOptions) {
    this.#options = options
    this.#url = socketUrl(options.url)
    this.#events = new EventBuffer(options.maxBuffered ?? 10_000, (count) => options.onDropped?.(count))
    void this.#open()
  }

  get state(): ClientState {
    return this.#state
  }

  /** Why the connection was lost or closed, where that is known. */
  get reason(): string | undefined {
    return this.#reason
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
    const { token } = this.#options
    let text: string
    try {
      text = typeof token === 'function' ? await token() : token
    } catch (error) {
      return this.#reconnect(`no token: ${error instanceof Error ? error.message : 'unknown error'}`)
    }
    if (this.#state === 'closed') return
    const socket = new WebSocket(this.#url)
    this.#socket = socket
    let openedAt = Number.POSITIVE_INFINITY
    this.#watch(socket)
    socket.onopen = () => socket.send(JSON.stringify(this.#hello(text)))
    socket.onmessage = ({ data }) => {
      if (this.#socket !== socket) return
      if (openedAt === Number.POSITIVE_INFINITY) openedAt = performance.now()
      this.#receive(data)
    }
    socket.onclose = ({ code, reason }) => {
      if (this.#socket !== socket) return
      if (this.#isEnd(code, reason)) return this.#end(reason || `close code ${code}`)
      if (performance.now() - openedAt > stableMs) this.#attempts = 0
      this.#reconnect(reason || undefined)
    }
  }

  #watch(socket: WebSocket): void {
    const ping = () => {
      if (this.#state === 'live') socket.send('{"type":"ping"}')
    }
    const onDead = () => {
      // A close would wait for an answer that does not come; what this socket still says is ignored.
      this.#socket = undefined
      socket.close()
      this.#reconnect('no answer')
    }
    this.#watchdog?.stop()
    this.#watchdog = new Watchdog(this.#options.pingMs ?? 25_000, ping, onDead)
  }

  /** Who can make a fresh token tries it when the old one has run out. */
  #isEnd(code: number, reason: string): boolean {
    if (reason === 'token_expired' && typeof this.#options.token === 'function') return false
    return isTerminal(code, reason)
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

  #receive(data: unknown): void {
    const message = parseServerMessage(data)
    if (message === undefined) return
    this.#watchdog?.heard()
    if (message.type === 'connection_established') {
      this.#established = message
      this.#enter('live', undefined)
    }
    if (message.type === 'stream_event') this.#events.add(message.event)
    this.#options.onMessage?.(message)
  }

  #reconnect(reason?: string): void {
    if (this.#state === 'closed') return
    this.#watchdog?.stop()
    this.#enter('reconnecting', reason)
    const ceiling = Math.min(maxBackOffMs, minBackOffMs * 2 ** this.#attempts)
    this.#attempts += 1
    this.#timer = setTimeout(() => void this.#open(), Math.random() * ceiling)
  }

  #end(reason: string | undefined): void {
    if (this.#state === 'closed') return
    clearTimeout(this.#timer)
    this.#watchdog?.stop()
    this.#enter('closed', reason)
    this.#socket?.close(1000, 'bye')
    this.#events.end()
  }

  #enter(state: ClientState, reason: string | undefined): void {
    if (this.#state === state) return
    this.#state = state
    this.#reason = reason
    this.#options.onState?.(state, reason)
  }
}

function socketUrl(text: string): string {
  const url = URL.parse(text.replace(/^http/, 'ws'))
  if (url?.protocol === 'ws:' || url?.protocol === 'wss:') {
    url.hash = ''
    return url.href
  }
  throw new AurenError('AUREN_OPTIONS_INVALID', { detail: 'url is to begin with ws://, wss://, http:// or https://' })
}
