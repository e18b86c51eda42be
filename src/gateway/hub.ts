import type { FastifyBaseLogger } from 'fastify'
import type { WebSocket } from 'ws'
import type { AurenEvent } from '../events/event.ts'
import { labels } from '../exporters/metric-names.ts'
import { closings } from '../protocol/close-codes.ts'
import type { Closing } from '../protocol/close-codes.ts'
import type { PerformanceSummary } from '../protocol/summary.ts'
import type { EventStream, StreamEntry } from '../streams/event-stream.ts'
import { createAuthenticator } from './authenticator.ts'
import type { Authenticate } from './authenticator.ts'
import { Feed } from './feed.ts'
import type { FeedListener } from './feed.ts'
import { FeedItem } from './feed-item.ts'
import { GatewayMetrics } from './gateway-metrics.ts'
import type { GatewayGauges } from './gateway-metrics.ts'
import { pricesWithFile } from '../translate/price-file.ts'
import { Ingest } from './otlp/ingest.ts'
import { SummaryWindow } from './summary/summary-window.ts'
import type { Principal } from './principal.ts'
import { recentEvents } from './recent-events.ts'
import type { RecentQuery } from './recent-events.ts'
import { Session } from './session.ts'
import type { SessionHost } from './session.ts'
import type { GatewaySettings } from './settings.ts'
import { TokenBucket } from './token-bucket.ts'

/** Everything a gateway holds: the tail of the stream, the connections, the summary window and the figures about them. */
export class Hub implements SessionHost, FeedListener {
  readonly settings: GatewaySettings
  readonly authenticate: Authenticate
  readonly metrics: GatewayMetrics
  readonly ingest: Ingest
  readonly #stream: EventStream
  readonly #log: FastifyBaseLogger
  readonly #feed: Feed
  readonly #summary = new SummaryWindow()
  readonly #sessions = new Set<Session>()
  readonly #newcomers: TokenBucket
  readonly #startedAt = performance.now()
  readonly #timers: readonly NodeJS.Timeout[]
  #lastEventAt: number | undefined

  constructor(settings: GatewaySettings, stream: EventStream, log: FastifyBaseLogger) {
    this.settings = settings
    this.authenticate = createAuthenticator(settings)
    this.#stream = stream
    this.#log = log
    this.#newcomers = new TokenBucket(settings.connectionsPerSecond, 1_000)
    this.#feed = new Feed(stream, this)
    this.metrics = new GatewayMetrics(() => this.#gauges())
    this.ingest = new Ingest(stream, this.metrics.provider, pricesWithFile(settings.pricesFile))
    this.#timers = [
      setInterval(() => this.#sendSummaries(), settings.summaryMs),
      setInterval(() => this.#sessions.forEach((session) => session.beat()), settings.heartbeatMs),
    ]
    this.#feed.start()
  }

  /** Why the gateway is not ready; null when it is. */
  get unready(): string | null {
    return this.#feed.unavailable
  }

  accept(socket: WebSocket): void {
    const full = this.#sessions.size >= this.settings.maxConnections || !this.#newcomers.take()
    const session = new Session(socket, this)
    this.#sessions.add(session)
    if (full) session.close(closings.capacity)
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    for (const session of this.#sessions) session.close(closings.serverDraining)
    await this.ingest.close()
    await this.#feed.close()
    await this.metrics.close()
  }

  recent(principal: Principal, query: RecentQuery): Promise<{ events: AurenEvent[]; truncated: boolean }> {
    return recentEvents(this.#stream, principal, query)
  }

  summary(principal: Principal, eventsSent: number): PerformanceSummary {
    const connections = [...this.#sessions].filter(({ principal: other }) => other?.tenantId === principal.tenantId)
    return this.#summary.summarise(principal, {
      active_connections: connections.length,
      events_sent: eventsSent,
      uptime_seconds: Math.round((performance.now() - this.#startedAt) / 1000),
    })
  }

  admit(session: Session, principal: Principal): boolean {
    let connections = 0
    for (const other of this.#sessions) {
      if (other !== session && sameUser(other.principal, principal)) connections += 1
    }
    return connections < this.settings.maxConnectionsPerUser
  }

  refused(): void {
    this.metrics.authFailures.add(1)
  }

  received(outcome: 'ok' | 'refused'): void {
    this.metrics.inbound.add(1, { [labels.outcome]: outcome })
  }

  delivered(): void {
    this.metrics.deliveries.add(1)
  }

  dropped(reason: 'rate_limit' | 'slow_consumer'): void {
    this.metrics.dropped.add(1, { [labels.dropReason]: reason })
  }

  ended(session: Session, closing: Closing | undefined): void {
    this.#sessions.delete(session)
    if (closing !== undefined) this.metrics.closed.add(1, { reason: closing.reason })
  }

  entries(entries: readonly StreamEntry[]): void {
    this.metrics.events.add(entries.length)
    for (const entry of entries) {
      const item = new FeedItem(entry)
      this.#summary.add(entry.event)
      for (const session of this.#sessions) session.deliver(item)
    }
    const newest = Date.parse(entries.at(-1)?.event.timestamp ?? '')
    if (Number.isNaN(newest)) return
    this.#lastEventAt = newest
    this.metrics.deliveryLatency.record(Math.max(0, Date.now() - newest) / 1000)
  }

  gap(reason: Parameters<FeedListener['gap']>[0], missed: number | null): void {
    this.#log.warn({ reason, missed }, 'the stream lost events before they could be read')
    this.metrics.gaps.add(1, { reason })
    this.metrics.missed.add(missed ?? 0)
    for (const session of this.#sessions) session.gap(reason, missed)
  }

  skipped({ malformed, duplicates }: Parameters<FeedListener['skipped']>[0]): void {
    this.metrics.malformed.add(malformed)
    this.metrics.duplicates.add(duplicates)
  }

  unavailable(reason: string | null): void {
    if (reason === null) this.#log.info({ stream: this.#stream.name }, 'the stream is being read')
    else this.#log.warn({ stream: this.#stream.name, reason }, 'the stream cannot be read; it is tried again')
  }

  #sendSummaries(): void {
    for (const session of this.#sessions) {
      if (session.principal && session.wantsSummary) session.send(this.summary(session.principal, session.eventsSent))
    }
  }

  #gauges(): GatewayGauges {
    return {
      connections: this.#sessions.size,
      connectionsLimit: this.settings.maxConnections,
      slowConsumers: [...this.#sessions].filter(({ hasBytesWaiting }) => hasBytesWaiting).length,
      streamLength: this.#feed.info?.length,
      streamMaxLength: this.#feed.info?.maxLength,
      lastEventAgeSeconds: this.#lastEventAt === undefined ? undefined : (Date.now() - this.#lastEventAt) / 1000,
      ready: this.unready === null,
    }
  }
}

function sameUser(a: Principal | undefined, b: Principal): boolean {
  return a !== undefined && a.userId === b.userId && a.tenantId === b.tenantId
}
