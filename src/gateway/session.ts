import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { AurenError } from '../errors.ts'
import { toTimestamp } from '../events/timestamp.ts'
import { parseClientMessage, parseHello } from '../protocol/client-messages.ts'
import type { ClientMessage, ParsedHello } from '../protocol/client-messages.ts'
import { closings, subprotocol } from '../protocol/close-codes.ts'
import type { Closing } from '../protocol/close-codes.ts'
import type { ServerMessage } from '../protocol/server-messages.ts'
import { isSubscription } from '../protocol/subscriptions.ts'
import { answer, errorMessage, slowConsumer } from './answers.ts'
import { Expiry } from './auth/expiry.ts'
import type { Caller } from './auth/refusals.ts'
import type { Authenticate } from './authenticator.ts'
import { connectionEstablished } from './connection-established.ts'
import type { Greeting } from './connection-established.ts'
import type { Connection } from './connections.ts'
import { encodings } from './delivery/encoding.ts'
import { WebSocketSink } from './delivery/websocket-sink.ts'
import { EventFilter } from './event-filter.ts'
import type { History } from './history.ts'
import type { Principal } from './principal.ts'
import { Questions } from './questions.ts'
import type { RunBoard } from './runs/run-board.ts'
import { TokenBucket } from './token-bucket.ts'
import { Viewer } from './viewer.ts'
import type { ViewerHost } from './viewer.ts'

/** What a connection needs of the gateway around it. */
export interface SessionHost extends ViewerHost, Greeting {
  readonly authenticate: Authenticate
  readonly runs: RunBoard
  readonly history: History
  /** Whether this principal may have one more connection; it is counted until the session has ended. */
  admit(connection: Connection, principal: Principal): boolean
  /** Told of tokens that were refused. */
  refused(caller: Caller): void
  received(outcome: 'ok' | 'refused'): void
  ended(connection: Connection, closing: Closing | undefined): void
}

/** What a client may send before its token is accepted, in bytes: the first message, and what it says right behind it. */
const maxBytesUnsigned = 65_536

/** Bytes that are read of a client after its connection was closed. */
const lateBytes = 65_536

/** One WebSocket connection: first the token, then events and answers. */
export class Session implements Connection {
  readonly id = randomUUID()
  readonly #socket: WebSocket
  readonly #connection: Duplex
  readonly #caller: Caller
  readonly #host: SessionHost
  readonly #inbound: TokenBucket
  readonly #signInTimer: NodeJS.Timeout
  readonly #expiry: Expiry
  readonly #questions: Questions
  #viewer: Viewer | undefined
  #signingIn: Promise<void> | undefined
  #bytesUnsigned = 0
  #closing: Closing | undefined
  #aliveAt = performance.now()

  /** Listens at once: frames that come before the first listener are lost. */
  constructor(socket: WebSocket, connection: Duplex, caller: Caller, host: SessionHost) {
    this.#socket = socket
    this.#connection = connection
    this.#caller = caller
    this.#host = host
    this.#questions = new Questions(socket)
    this.#inbound = new TokenBucket(host.settings.messagesPerMinute, 60_000)
    this.#signInTimer = setTimeout(() => this.close(closings.authTimeout), host.settings.authTimeoutMs)
    this.#expiry = new Expiry(
      () => this.close(closings.tokenExpired),
      (at) => this.send({ type: 'token_expiring', expires_at: toTimestamp(at) }),
    )
    socket.on('message', (data) => void this.#onMessage(data))
    socket.on('pong', () => (this.#aliveAt = performance.now()))
    socket.on('close', () => {
      clearTimeout(this.#signInTimer)
      this.#expiry.clear()
      this.#viewer?.close()
      host.ended(this, this.#closing)
    })
    // ws closes the connection by itself after an error; the reason is in its close code.
    socket.on('error', () => undefined)
  }

  get address(): string | undefined {
    return this.#caller.address
  }

  get principal(): Principal | undefined {
    return this.#viewer?.principal
  }

  get eventsSent(): number {
    return this.#viewer?.eventsSent ?? 0
  }

  get isBehind(): boolean {
    return this.#viewer?.sink.isBehind ?? false
  }

  /** Whether nothing may begin any more: what a check of a token took the time for may be over by its end. */
  get #isGoing(): boolean {
    return this.#closing !== undefined || this.#socket.readyState !== this.#socket.OPEN
  }

  get wantsSummary(): boolean {
    return this.#viewer?.wantsSummary ?? false
  }

  get followedAgents(): Viewer['followedAgents'] {
    return this.#viewer?.followedAgents
  }

  /** What the client's dialect has no message for is left out: old clients get silence instead of errors, as ever. */
  send(message: ServerMessage): void {
    this.#write(message, () => undefined)
  }

  #write(message: ServerMessage, onTaken: () => void): void {
    const bytes = (this.#viewer?.sink.encoding ?? encodings.v0).message(message)
    if (bytes === undefined || this.#socket.readyState !== this.#socket.OPEN) return onTaken()
    this.#socket.send(bytes, { binary: false }, onTaken)
  }

  /** Pings, or ends a connection that was silent for more than two heartbeats. */
  beat(): void {
    const { heartbeatMs } = this.#host.settings
    if (performance.now() - this.#aliveAt > 2.4 * heartbeatMs) return this.#socket.terminate()
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping()
    this.#viewer?.announceSkipped()
  }

  letGoIfStalled(): void {
    const viewer = this.#viewer
    if (viewer === undefined || this.#closing !== undefined || viewer.stall.ms < this.#host.settings.stallMs) return
    this.#host.dropped('slow_consumer', viewer.stall.lag)
    this.send(slowConsumer(viewer))
    this.close(closings.slowConsumer)
  }

  close(closing: Closing): void {
    if (this.#closing !== undefined) return
    this.#closing = closing
    this.#questions.end()
    this.#viewer?.close()
    this.#socket.close(closing.code, closing.reason)
    this.#hearOut()
  }

  /** Room for what was on its way and for the answer to the close; who goes on sending is not read any more. */
  #hearOut(): void {
    let left = lateBytes
    this.#connection.on('data', ({ length }: Buffer) => {
      left -= length
      if (left < 0) this.#socket.pause()
    })
  }

  /** A fault of ours in one message must end neither the process nor the connection. */
  async #onMessage(data: RawData): Promise<void> {
    try {
      this.#aliveAt = performance.now()
      if (this.#closing !== undefined) return
      if (!this.#inbound.take()) return this.#tooMany()
      const bytes = data as Buffer
      if (this.#viewer === undefined && (this.#bytesUnsigned += bytes.length) > maxBytesUnsigned) return this.#tooLong()
      const frame = bytes.toString('utf8')
      if (this.#signingIn === undefined) return await (this.#signingIn = this.#onHello(frame))
      // A client need not wait for the answer to its first message: what it says right behind it waits here.
      await this.#signingIn
      const viewer = this.#viewer
      if (viewer !== undefined) await this.#questions.ask(bytes.length, () => this.#onRequest(viewer, frame))
    } catch {
      this.#host.received('refused')
    }
  }

  async #onRequest(viewer: Viewer, frame: string): Promise<void> {
    if (this.#isGoing) return
    const parsed = parseClientMessage(frame)
    this.#host.received(parsed.ok ? 'ok' : 'refused')
    if (!parsed.ok) return this.#answer(errorMessage(parsed.fault))
    if (parsed.message.type === 'refresh') return this.#refresh(viewer, parsed.message)
    const followed = JSON.stringify(viewer.followedAgents)
    await this.#answer(await answer({ viewer, history: this.#host.history }, parsed.message))
    // Who follows others from now on knows nothing of their runs.
    if (JSON.stringify(viewer.followedAgents) !== followed) this.#sendSnapshot()
  }

  /** Resolves when the socket has taken it, or will take nothing any more. */
  async #answer(message: ServerMessage): Promise<void> {
    await new Promise<void>((resolve) => this.#write(message, () => resolve()))
  }

  /** A new token for the same user of the same tenant; any other ends the connection, as it might be somebody else's. */
  async #refresh(viewer: Viewer, message: Extract<ClientMessage, { type: 'refresh' }>): Promise<void> {
    const { token, request_id: id } = message
    const principal = await this.#authenticate(token)
    if (this.#isGoing) return
    if (principal === 'unavailable') {
      const fault = {
        code: 'unavailable',
        message: 'tokens cannot be checked now',
        ...(id && { requestId: id }),
      } as const
      return this.send(errorMessage(fault, { retryable: true }))
    }
    if (principal?.userId !== viewer.principal.userId || principal.tenantId !== viewer.principal.tenantId) {
      return this.#refuse()
    }
    viewer.become(principal)
    this.#expiry.at(principal.expiresAt)
    const expires = principal.expiresAt === null ? null : toTimestamp(principal.expiresAt)
    this.send({ type: 'refreshed', expires_at: expires, ...(id === undefined ? {} : { request_id: id }) })
    this.#sendSnapshot()
  }

  async #onHello(frame: string): Promise<void> {
    const parsed = parseHello(frame)
    this.#host.received(parsed.ok ? 'ok' : 'refused')
    if (!parsed.ok) return this.#refuse()
    const principal = await this.#authenticate(parsed.message.token)
    if (principal === undefined) return this.#refuse()
    if (principal === 'unavailable') return this.close(closings.unavailable)
    if (this.#isGoing) return
    if (!this.#host.admit(this, principal)) return this.close(closings.capacity)
    this.#establish(principal, parsed)
  }

  #establish(principal: Principal, { message: hello, ignored = [] }: ParsedHello): void {
    const dialect = hello.protocol_version === 1 || this.#socket.protocol === subprotocol ? 1 : 0
    const subscriptions = hello.subscriptions?.filter(isSubscription)
    const filter = new EventFilter({ userId: principal.userId, dialect, ...(subscriptions && { subscriptions }) })
    const viewer = new Viewer(
      this.#host,
      { principal, filter: filter.update(hello.agent_filter, hello.performance_threshold) },
      {
        sink: new WebSocketSink(this.#socket, this.#connection, dialect === 1 ? encodings.v1 : encodings.v0),
        send: (message) => this.send(message),
      },
    )
    this.#viewer = viewer
    clearTimeout(this.#signInTimer)
    this.send(connectionEstablished(this.id, dialect, viewer, this.#host))
    if (hello.subscriptions?.some((name) => !isSubscription(name))) {
      this.send(errorMessage({ code: 'unknown_subscription', message: 'a subscription is not known and was ignored' }))
    }
    for (const field of ignored) {
      this.send(errorMessage({ code: 'invalid_message', message: `${field} is invalid and was ignored` }))
    }
    this.#sendSnapshot()
    viewer.start(dialect === 1 ? hello.resume?.last_event_id : undefined)
    this.#expiry.at(principal.expiresAt)
  }

  /** A new token may show other runs. */
  #sendSnapshot(): void {
    const snapshot = this.#host.runs.snapshotFor(this)
    if (snapshot !== undefined) this.send(snapshot)
  }

  /** Undefined for a token that is refused. */
  async #authenticate(token: string): Promise<Principal | 'unavailable' | undefined> {
    try {
      return await this.#host.authenticate(token)
    } catch (error) {
      return error instanceof AurenError && error.code === 'AUREN_KEYS_UNAVAILABLE' ? 'unavailable' : undefined
    }
  }

  #tooLong(): void {
    this.#host.received('refused')
    this.#refuse()
  }

  #refuse(): void {
    this.#host.refused(this.#caller)
    this.close(closings.authFailed)
  }

  #tooMany(): void {
    this.#host.received('refused')
    const fault = { code: 'rate_limited', message: 'more messages than messages_per_minute' } as const
    this.send(errorMessage(fault, { fatal: true }))
    this.close(closings.rateLimit)
  }
}
