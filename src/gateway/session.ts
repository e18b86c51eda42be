import { randomUUID } from 'node:crypto'
import type { RawData, WebSocket } from 'ws'
import type { AurenEvent } from '../events/event.ts'
import { toTimestamp } from '../events/timestamp.ts'
import { parseClientMessage, parseHello } from '../protocol/client-messages.ts'
import type { ClientMessage, Hello } from '../protocol/client-messages.ts'
import { closings, subprotocol } from '../protocol/close-codes.ts'
import type { Closing } from '../protocol/close-codes.ts'
import type { Gap, ServerMessage } from '../protocol/server-messages.ts'
import { isSubscription, summarySubscriptions } from '../protocol/subscriptions.ts'
import { answer, errorMessage } from './answers.ts'
import type { Authenticate } from './authenticator.ts'
import { connectionEstablished } from './connection-established.ts'
import type { Live } from './connection-established.ts'
import { EventFilter } from './event-filter.ts'
import type { FeedItem } from './feed-item.ts'
import { maySee } from './principal.ts'
import type { Principal } from './principal.ts'
import type { RecentQuery } from './recent-events.ts'
import type { GatewaySettings } from './settings.ts'
import { TokenBucket } from './token-bucket.ts'

/** What a session needs of the gateway around it. */
export interface SessionHost {
  readonly settings: GatewaySettings
  readonly authenticate: Authenticate
  /** Whether this principal may have one more connection; it is counted until the session has ended. */
  admit(session: Session, principal: Principal): boolean
  recent(principal: Principal, query: RecentQuery): Promise<{ events: AurenEvent[]; truncated: boolean }>
  /** Told of tokens that were refused. */
  refused(): void
  received(outcome: 'ok' | 'refused'): void
  delivered(): void
  dropped(reason: 'rate_limit' | 'slow_consumer'): void
  ended(session: Session, closing: Closing | undefined): void
}

/** Longest first message, in bytes: a token and some filters. */
const maxHelloBytes = 65_536
/** Longest timer Node knows, milliseconds. */
const maxTimerMs = 2 ** 31 - 1
/** Milliseconds before its end at which a client is told that its token runs out. */
const expiryNoticeMs = 60_000
/** Milliseconds a client has to answer a close before its socket is cut. */
const closeGraceMs = 5_000

/** One WebSocket connection: first the token, then events and answers. */
export class Session {
  readonly id = randomUUID()
  readonly #socket: WebSocket
  readonly #host: SessionHost
  readonly #inbound: TokenBucket
  #timer: NodeJS.Timeout
  #live: Live | undefined
  #greeted = false
  #closing: Closing | undefined
  #aliveAt = performance.now()
  #sent = 0
  #overBudget = 0

  /** Listens at once: frames that come before the first listener are lost. */
  constructor(socket: WebSocket, host: SessionHost) {
    this.#socket = socket
    this.#host = host
    this.#inbound = new TokenBucket(host.settings.messagesPerMinute, 60_000)
    this.#timer = setTimeout(() => this.close(closings.authTimeout), host.settings.authTimeoutMs)
    socket.on('message', (data) => void this.#onMessage(data))
    socket.on('pong', () => (this.#aliveAt = performance.now()))
    socket.on('close', () => {
      clearTimeout(this.#timer)
      host.ended(this, this.#closing)
    })
    // ws closes the connection by itself after an error; the reason is in its close code.
    socket.on('error', () => undefined)
  }

  get principal(): Principal | undefined {
    return this.#live?.principal
  }

  get eventsSent(): number {
    return this.#sent
  }

  get hasBytesWaiting(): boolean {
    return this.#socket.bufferedAmount > 0
  }

  get wantsSummary(): boolean {
    return this.#live?.filter.subscriptions.some((name) => summarySubscriptions.includes(name)) ?? false
  }

  /** Sends the event if this connection may and wants to see it. */
  deliver(item: FeedItem): void {
    const live = this.#live
    if (live === undefined || this.#closing !== undefined) return
    if (!maySee(live.principal, item.event) || !live.filter.wants(item.event)) return
    if (live.budget?.take() === false) {
      this.#overBudget += 1
      return this.#host.dropped('rate_limit')
    }
    const skipped = this.#overBudget
    this.#overBudget = 0
    if (skipped > 0) this.gap('rate_limit', skipped)
    this.#socket.send(item.frame(live.dialect === 0 ? skipped : 0), { binary: false })
    this.#sent += 1
    this.#host.delivered()
    if (this.#socket.bufferedAmount > this.#host.settings.maxBufferedBytes) this.#letGo()
  }

  /** Says that events are missing. The compatible dialect has no message for it. */
  gap(reason: Gap['reason'], missed: number | null): void {
    if (this.#live?.dialect === 1) this.send({ type: 'gap', reason, missed })
  }

  /** Errors go to clients of v1 only: old ones know no such message, and get silence as they always did. */
  send(message: ServerMessage): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    if (message.type === 'error' && this.#live?.dialect !== 1) return
    this.#socket.send(JSON.stringify(message))
  }

  /** Pings, or ends a connection that was silent for more than two heartbeats. */
  beat(): void {
    const { heartbeatMs } = this.#host.settings
    if (performance.now() - this.#aliveAt > 2.4 * heartbeatMs) return this.#socket.terminate()
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping()
  }

  close(closing: Closing): void {
    if (this.#closing !== undefined) return
    this.#closing = closing
    this.#socket.close(closing.code, closing.reason)
    setTimeout(() => this.#socket.terminate(), closeGraceMs).unref()
  }

  /** A fault of ours in one message must end neither the process nor the connection. */
  async #onMessage(data: RawData): Promise<void> {
    try {
      this.#aliveAt = performance.now()
      if (this.#closing !== undefined) return
      if (!this.#inbound.take()) return this.#tooMany()
      const bytes = data as Buffer
      if (this.#live === undefined) await this.#onHello(bytes)
      else await this.#onRequest(this.#live, bytes.toString('utf8'))
    } catch {
      this.#host.received('refused')
    }
  }

  async #onRequest(live: Live, frame: string): Promise<void> {
    const parsed = parseClientMessage(frame)
    this.#host.received(parsed.ok ? 'ok' : 'refused')
    if (!parsed.ok) return this.send(errorMessage(parsed.fault))
    if (parsed.message.type === 'refresh') return this.#refresh(live, parsed.message)
    const recent = (query: RecentQuery) => this.#host.recent(live.principal, query)
    this.send(await answer({ dialect: live.dialect, filter: live.filter, recent }, parsed.message))
  }

  /** A new token for the same user of the same tenant; any other ends the connection, as it might be somebody else's. */
  async #refresh(live: Live, { token, request_id: id }: Extract<ClientMessage, { type: 'refresh' }>): Promise<void> {
    const principal = await this.#host.authenticate(token).catch(() => undefined)
    if (principal?.userId !== live.principal.userId || principal.tenantId !== live.principal.tenantId) {
      return this.#refuse()
    }
    this.#live = { ...live, principal }
    clearTimeout(this.#timer)
    if (principal.expiresAt !== null) this.#expireAt(principal.expiresAt)
    const expires = principal.expiresAt === null ? null : toTimestamp(principal.expiresAt)
    this.send({ type: 'refreshed', expires_at: expires, ...(id === undefined ? {} : { request_id: id }) })
  }

  async #onHello(bytes: Buffer): Promise<void> {
    if (this.#greeted) return
    this.#greeted = true
    const parsed = bytes.length > maxHelloBytes ? undefined : parseHello(bytes.toString('utf8'))
    this.#host.received(parsed?.ok ? 'ok' : 'refused')
    if (!parsed?.ok) return this.#refuse()
    const principal = await this.#host.authenticate(parsed.message.token).catch(() => undefined)
    if (principal === undefined) return this.#refuse()
    if (this.#closing !== undefined || this.#socket.readyState !== this.#socket.OPEN) return
    if (!this.#host.admit(this, principal)) return this.close(closings.capacity)
    this.#establish(principal, parsed.message)
    for (const field of parsed.ignored ?? []) {
      this.send(errorMessage({ code: 'invalid_message', message: `${field} is invalid and was ignored` }))
    }
  }

  #establish(principal: Principal, hello: Hello): void {
    const dialect = hello.protocol_version === 1 || this.#socket.protocol === subprotocol ? 1 : 0
    const filter = new EventFilter(principal.userId, dialect, hello.subscriptions?.filter(isSubscription))
    filter.update(hello.agent_filter, hello.performance_threshold)
    const perMinute = principal.maxEventsPerMinute
    const budget = perMinute === null ? undefined : new TokenBucket(perMinute, 60_000)
    this.#live = { principal, dialect, filter, budget }
    clearTimeout(this.#timer)
    if (principal.expiresAt !== null) this.#expireAt(principal.expiresAt)
    this.send(connectionEstablished(this.id, this.#live, this.#host.settings))
    if (hello.subscriptions?.some((name) => !isSubscription(name))) {
      this.send(errorMessage({ code: 'unknown_subscription', message: 'a subscription is not known and was ignored' }))
    }
  }

  #expireAt(expiresAt: number): void {
    const left = expiresAt - Date.now()
    if (left <= 0) return this.close(closings.tokenExpired)
    if (left <= expiryNoticeMs && this.#live?.dialect === 1) {
      this.send({ type: 'token_expiring', expires_at: toTimestamp(expiresAt) })
    }
    const wait = left > expiryNoticeMs ? left - expiryNoticeMs : left
    this.#timer = setTimeout(() => this.#expireAt(expiresAt), Math.min(wait, maxTimerMs))
  }

  #refuse(): void {
    this.#host.refused()
    this.close(closings.authFailed)
  }

  #tooMany(): void {
    this.#host.received('refused')
    this.send(
      errorMessage({ code: 'rate_limited', message: 'more messages than messages_per_minute' }, { fatal: true }),
    )
    this.close(closings.rateLimit)
  }

  #letGo(): void {
    this.#host.dropped('slow_consumer')
    const fault = { code: 'slow_consumer', message: 'too many events wait for this client' } as const
    this.send(errorMessage(fault, { fatal: true, retryable: true }))
    this.close(closings.slowConsumer)
  }
}
