import { AurenError } from '../errors.ts'
import type { AurenEvent } from '../events/event.ts'
import { closings, isTerminal } from '../protocol/close-codes.ts'
import type { ConnectionEstablished, Gap, ServerMessage } from '../protocol/server-messages.ts'
import type { SubscriptionName } from '../protocol/subscriptions.ts'
import { EventBuffer } from './event-buffer.ts'
import { Progress } from './progress.ts'
import { parseServerMessage } from './server-message.ts'
import { Watchdog } from './watchdog.ts'

export type ClientState =
  /** The first connection is under way. */
  | 'connecting'
  /** Let in: what happened since the last event is sent first. */
  | 'catching_up'
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
  /** Cursor of the last event that was processed, as {@link LiveClient.position} gave it: what came since is sent first. */
  readonly resume?: string
  /** Events kept for a slow reader of the iterator, default 10,000; older ones are dropped and counted. */
  readonly maxBuffered?: number
  /** Milliseconds between pings, default 25,000; a connection silent for two to three times that is dead. */
  readonly pingMs?: number
  readonly onState?: (state: ClientState, reason: string | undefined) => void
  /** Every message of the gateway, events included. */
  readonly onMessage?: (message: ServerMessage) => void
  /** Told when the reader of the iterator comes to where events were dropped because it was slow. */
  readonly onDropped?: (count: number) => void
  /** Told when the reader of the iterator comes to where events are missing that the gateway could not send. */
  readonly onGap?: (gap: Gap) => void
}

/**
 * First and longest ceiling of the random wait before a reconnect, milliseconds: usually, and where a gateway has no room.
 * Stable after so long a connection.
 */
const backOff = { firstMs: 500, longestMs: 20_000 }
const crowdedBackOff = { firstMs: 5_000, longestMs: 60_000 }
const stableMs = 30_000

/**
 * Opens a live feed. It reconnects by itself until it is closed or the gateway refuses it for good. Throws
 * AUREN_OPTIONS_INVALID when the URL is none.
 */
export function connect(options: ClientOptions): LiveClient {
  return new LiveClient(options)
}

/**
 * The live feed of one gateway, as an async iterator of events. After a lost connection it goes on where it was, on whichever
 * gateway answers: each event comes once and in order, or `onGap` says that some are missing. Works in browsers and in Node
 * without a dependency.
 */
export class LiveClient implements AsyncIterable<AurenEvent> {
  readonly #options: ClientOptions
  readonly #url: string
  readonly #events: EventBuffer
  readonly #progress: Progress
  #socket: WebSocket | undefined
  #state: ClientState = 'connecting'
  #reason: string | undefined
  #attempts = 0
  #isResuming = false
  /** The token that the gateway has, and the last one that ran out there. */
  #sent: string | undefined
  #expired: string | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #watchdog: Watchdog | undefined
  #established: ConnectionEstablished | undefined

  constructor(options: ClientOptions) {
    this.#options = options
    this.#url = socketUrl(options.url)
    this.#progress = new Progress(options.resume)
    this.#events = new EventBuffer(options.maxBuffered ?? 10_000, {
      onDropped: (count) => options.onDropped?.(count),
      onGap: (gap) => options.onGap?.(gap),
    })
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

  /** Cursor of the newest event that the iterator gave: keep it to go on there later, with `resume`. */
  get position(): string | undefined {
    return this.#events.position
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
    if (text === this.#expired) return this.#end(closings.tokenExpired.reason)
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
      if (performance.now() - openedAt > stableMs || code === 1001) this.#attempts = 0
      this.#reconnect(reason || undefined, code === 1013 ? crowdedBackOff : backOff)
    }
  }

  #watch(socket: WebSocket): void {
    const ping = () => {
      if (this.#state === 'live' || this.#state === 'catching_up') socket.send('{"type":"ping"}')
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
    if (reason !== closings.tokenExpired.reason || typeof this.#options.token !== 'function')
      return isTerminal(code, reason)
    this.#expired = this.#sent
    return false
  }

  #hello(token: string): object {
    const { subscriptions, agents, performanceThreshold } = this.#options
    const { cursor } = this.#progress
    this.#isResuming = cursor !== undefined
    this.#sent = token
    return {
      token,
      protocol_version: 1,
      ...(cursor !== undefined && { resume: { last_event_id: cursor } }),
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
      this.#enter(this.#isResuming ? 'catching_up' : 'live', undefined)
    }
    if (!this.#progress.take(message)) return
    if (hasCaughtUp(message)) this.#enter('live', undefined)
    if (message.type === 'stream_event' || message.type === 'gap') this.#events.add(message)
    if (message.type === 'token_expiring') void this.refresh()
    this.#options.onMessage?.(message)
  }

  /**
   * Asks for a new token and sends it, as it does by itself before the old one runs out: for a token that was not there then. Where
   * there is none the connection ends with the old one, and is opened again.
   */
  async refresh(): Promise<void> {
    const { token } = this.#options
    const socket = this.#socket
    if (typeof token !== 'function') return
    try {
      const text = await token()
      // The gateway would warn of its end again, and be answered again.
      if (this.#socket !== socket || text === this.#sent) return
      this.#sent = text
      socket?.send(JSON.stringify({ type: 'refresh', token: text }))
    } catch {
      return
    }
  }

  #reconnect(reason?: string, { firstMs, longestMs } = backOff): void {
    if (this.#state === 'closed') return
    this.#watchdog?.stop()
    this.#enter('reconnecting', reason)
    const ceiling = Math.min(longestMs, firstMs * 2 ** this.#attempts)
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

/** A cursor that is not understood is not caught up with: what follows happens now. */
function hasCaughtUp(message: ServerMessage): boolean {
  return message.type === 'caught_up' || (message.type === 'resume_result' && message.reason === 'invalid_cursor')
}

/** The address that a socket needs, of any that a user gives. Throws AUREN_OPTIONS_INVALID when it is none. */
export function socketUrl(text: string): string {
  const url = URL.parse(text.replace(/^http/, 'ws'))
  if (url?.protocol === 'ws:' || url?.protocol === 'wss:') {
    url.hash = ''
    return url.href
  }
  throw new AurenError('AUREN_OPTIONS_INVALID', { detail: 'url is to begin with ws://, wss://, http:// or https://' })
}
