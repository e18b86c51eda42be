import type { Duplex } from 'node:stream'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { WebSocket } from 'ws'
import { labels } from '../exporters/metric-names.ts'
import { closings } from '../protocol/close-codes.ts'
import type { Closing } from '../protocol/close-codes.ts'
import type { PerformanceSummary } from '../protocol/summary.ts'
import type { EventStream, StreamEntry, StreamInfo } from '../streams/event-stream.ts'
import { Refusals } from './auth/refusals.ts'
import type { Caller } from './auth/refusals.ts'
import { RevocationWatch } from './auth/revocation-watch.ts'
import { Revocations } from './auth/revocations.ts'
import { createAuthenticator } from './authenticator.ts'
import type { Authenticate } from './authenticator.ts'
import { Connections } from './connections.ts'
import type { Connection } from './connections.ts'
import { FanOut } from './delivery/fan-out.ts'
import type { Source } from './delivery/subscriber.ts'
import { Archive } from './feed/archive.ts'
import { Feed } from './feed/feed.ts'
import type { FeedListener } from './feed/feed.ts'
import { Holes } from './feed/holes.ts'
import { Repeats } from './feed/repeats.ts'
import { FeedWindow } from './feed/window.ts'
import { GatewayMetrics } from './gateway-metrics.ts'
import type { GatewayGauges } from './gateway-metrics.ts'
import { History } from './history.ts'
import { Ingest, ingestOptions } from './otlp/ingest.ts'
import { scopeOf } from './principal.ts'
import type { Principal } from './principal.ts'
import { RunBoard } from './runs/run-board.ts'
import { ScrapeTargets } from './scrape-targets.ts'
import { Session } from './session.ts'
import type { SessionHost } from './session.ts'
import type { GatewaySettings } from './settings.ts'
import { SummaryWindow } from './summary/summary-window.ts'

/** Event ids remembered to recognise what an exporter sent twice: as many as a stream keeps unless told otherwise. */
const idsKept = 50_000

/** Milliseconds for which summaries are made before others have their turn. */
const turnMs = 10

/** Everything a gateway holds: the tail of the stream, the connections, the summary window and the figures about them. */
export class Hub implements SessionHost, FeedListener {
  readonly settings: GatewaySettings
  readonly authenticate: Authenticate
  readonly metrics: GatewayMetrics
  readonly ingest: Ingest
  readonly source: Source
  readonly history: History
  readonly connections: Connections
  readonly runs: RunBoard
  readonly targets = new ScrapeTargets()
  readonly #stream: EventStream
  readonly #log: FastifyBaseLogger
  readonly #feed: Feed
  readonly #summary = new SummaryWindow()
  readonly #refusals: Refusals
  readonly #revocations: RevocationWatch
  readonly #startedAt = performance.now()
  readonly #summaries: NodeJS.Timeout
  #isLeaving = false
  #hasBegun = false
  #lastEventAt: number | undefined
  #deliveries = 0

  constructor(settings: GatewaySettings, stream: EventStream, log: FastifyBaseLogger) {
    this.settings = settings
    // First what may throw: nothing is running yet.
    const { revocationsFile } = settings
    const revoked = revocationsFile === undefined ? undefined : new Revocations(revocationsFile)
    this.authenticate = createAuthenticator(settings, (principal) => revoked?.has(principal) ?? false)
    const reading = ingestOptions(settings)
    this.#stream = stream
    this.#log = log
    this.connections = new Connections(settings)
    this.runs = new RunBoard(stream, this.connections)
    this.#refusals = new Refusals(log)
    this.#revocations = new RevocationWatch(revoked, this.connections, log)
    const window = new FeedWindow(settings.windowBytes)
    const known = { window, repeats: new Repeats(idsKept), holes: new Holes() }
    const feed = new Feed(stream, known, this)
    this.#feed = feed
    this.source = {
      window,
      archive: new Archive(stream, known),
      fanOut: new FanOut(window, (events) => this.delivered(events)),
      start: () => feed.start,
      isLive: () => feed.isLive,
      isUp: () => feed.unavailable === null,
    }
    this.history = new History(stream, this.source)
    this.metrics = new GatewayMetrics(() => this.#gauges())
    this.ingest = new Ingest(stream, this.metrics.provider, reading)
    this.#summaries = setInterval(() => void this.#sendSummaries(), settings.summaryMs)
    feed.run()
  }

  /** Why the gateway is not ready; null when it is. */
  get unready(): string | null {
    return this.#isLeaving || this.connections.isDraining ? 'draining' : this.#feed.unavailable
  }

  get info(): StreamInfo | undefined {
    return this.#feed.info
  }

  accept(socket: WebSocket, connection: Duplex, caller: Caller): void {
    const session = new Session(socket, connection, caller, this)
    if (!this.connections.add(session)) session.close(closings.capacity)
  }

  /** No longer ready, so that a load balancer sends nobody here any more; resolves when it has had time to notice. */
  async leave(): Promise<void> {
    this.#isLeaving = true
    await sleep(this.settings.drainDelayMs)
  }

  async close(): Promise<void> {
    clearInterval(this.#summaries)
    this.runs.close()
    this.#revocations.close()
    await this.connections.drain()
    await this.ingest.close()
    await this.#feed.close()
    await this.metrics.close()
  }

  summary(principal: Principal, eventsSent: number): PerformanceSummary {
    const { tenantId, userId, permissions } = principal
    const connections = [...this.connections].filter(
      ({ principal: other }) => other?.tenantId === tenantId && (permissions.has('all') || other.userId === userId),
    )
    const system = {
      active_connections: connections.length,
      events_sent: eventsSent,
      uptime_seconds: Math.round((performance.now() - this.#startedAt) / 1000),
    }
    return this.#summary.summarise(principal, system, this.runs.book.silentAgents(principal))
  }

  admit(connection: Connection, principal: Principal): boolean {
    return this.connections.admit(connection, principal)
  }

  refused(caller: Caller): void {
    this.metrics.authFailures.add(1)
    this.#refusals.note(caller)
  }

  received(outcome: 'ok' | 'refused'): void {
    this.metrics.inbound.add(1, { [labels.outcome]: outcome })
  }

  delivered(events: number): void {
    this.#deliveries += events
  }

  dropped(reason: 'rate_limit' | 'slow_consumer', events: number): void {
    this.metrics.dropped.add(events, { [labels.dropReason]: reason })
  }

  resumed(outcome: Parameters<SessionHost['resumed']>[0]): void {
    this.metrics.resumes.add(1, { [labels.outcome]: outcome })
  }

  ended(connection: Connection, closing: Closing | undefined): void {
    this.connections.remove(connection)
    if (closing !== undefined) this.metrics.closed.add(1, { reason: closing.reason })
  }

  entries(entries: readonly StreamEntry[], live: boolean): void {
    if (!live) this.#begin(entries[0])
    const heardAt = live ? Date.now() : undefined
    for (const { event } of entries) {
      this.#summary.add(event)
      this.targets.add(event, heardAt)
    }
    this.runs.entries(entries, live)
    const newest = Date.parse(entries.at(-1)?.event.timestamp ?? '')
    if (!Number.isNaN(newest)) this.#lastEventAt = newest
    if (!live) return
    this.metrics.events.add(entries.length)
    if (!Number.isNaN(newest)) this.metrics.deliveryLatency.record(Math.max(0, Date.now() - newest) / 1000)
  }

  turn(): Promise<void> {
    return this.source.fanOut.turn()
  }

  gap(reason: Parameters<FeedListener['gap']>[0], missed: number | null): void {
    this.#log.warn({ reason, missed }, 'the stream lost events before they could be read')
    if (missed !== 0) this.#summary.knowsFrom(Date.now())
    this.metrics.gaps.add(1, { reason })
    this.metrics.missed.add(missed ?? 0)
  }

  skipped({ malformed, duplicates }: Parameters<FeedListener['skipped']>[0]): void {
    this.metrics.malformed.add(malformed)
    this.metrics.duplicates.add(duplicates)
  }

  unavailable(reason: string | null): void {
    this.targets.setDeaf(reason !== null)
    if (reason === null) this.#log.info({ stream: this.#stream.name }, 'the stream is being read')
    else this.#log.warn({ stream: this.#stream.name, reason }, 'the stream cannot be read; it is tried again')
  }

  /** A stream that is full may have lost what stood before the first event that was read. */
  #begin(first: StreamEntry | undefined): void {
    const { length = 0, maxLength = null } = this.#feed.info ?? {}
    if (!this.#hasBegun && first && length >= (maxLength ?? 0))
      this.#summary.knowsFrom(Date.parse(first.event.timestamp))
    this.#hasBegun = true
  }

  async #sendSummaries(): Promise<void> {
    const summaries = new Map<string, PerformanceSummary>()
    let turnEnds = performance.now() + turnMs
    for (const connection of [...this.connections]) {
      if (performance.now() > turnEnds) {
        await nextTurn()
        turnEnds = performance.now() + turnMs
      }
      const { principal, wantsSummary, eventsSent } = connection
      if (!principal || !wantsSummary) continue
      const scope = scopeOf(principal)
      const summary = summaries.get(scope) ?? this.summary(principal, 0)
      summaries.set(scope, summary)
      const system = { ...summary.data.system, events_sent: eventsSent }
      connection.send({ ...summary, data: { ...summary.data, system } })
    }
  }

  #gauges(): GatewayGauges {
    return {
      connections: this.connections.size,
      connectionsLimit: this.settings.maxConnections,
      slowConsumers: [...this.connections].filter(({ isBehind }) => isBehind).length,
      groups: this.source.fanOut.groups,
      windowBytes: this.source.window.bytes,
      runs: this.runs.book.size,
      runBytes: this.runs.book.bytes,
      deliveries: this.#deliveries,
      streamLength: this.#feed.info?.length,
      streamMaxLength: this.#feed.info?.maxLength ?? undefined,
      lastEventAgeSeconds: this.#lastEventAt === undefined ? undefined : (Date.now() - this.#lastEventAt) / 1000,
      ready: this.unready === null,
      dailyBudgetUsd: this.settings.dailyBudgetUsd,
    }
  }
}
