import type { Attributes } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { buckets, labels, scopeName } from '../exporters/metric-names.ts'
import { prometheusText } from '../exporters/prometheus-text.ts'
import { observeRuntime, runtimeViews } from '../exporters/runtime-metrics.ts'
import { closings } from '../protocol/close-codes.ts'

/** What the gateway knows about itself at the moment of a scrape. */
export interface GatewayGauges {
  readonly connections: number
  readonly connectionsLimit: number
  readonly slowConsumers: number
  /** Sets of connections that are sent the same. */
  readonly groups: number
  readonly windowBytes: number
  readonly runs: number
  readonly runBytes: number
  /** Events sent since the start, counted for each client. */
  readonly deliveries: number
  readonly streamLength: number | undefined
  readonly streamMaxLength: number | undefined
  /** Seconds since the newest event the tail has seen. */
  readonly lastEventAgeSeconds: number | undefined
  readonly ready: boolean
  /** US dollars that all agents may spend a day, where somebody set it. */
  readonly dailyBudgetUsd: number | undefined
}

/** Metrics of the gateway and of the stream it reads, for its `/metrics`. */
export class GatewayMetrics {
  readonly #reader = new PrometheusExporter({ preventServerStart: true })
  /** For what else is recorded in the gateway: spans received over OTLP. */
  readonly provider = new MeterProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': 'auren-gateway' })),
    readers: [this.#reader],
    views: runtimeViews,
  })
  readonly #endRuntime = observeRuntime(this.provider)
  readonly #meter = this.provider.getMeter(scopeName)
  readonly #counter = (name: string, description: string, unit: string) =>
    this.#meter.createCounter(`auren.gateway.${name}`, { description, unit })

  readonly events = this.#counter('events', 'Events read from the stream', '{event}')
  readonly dropped = this.#counter('dropped', 'Events that were not sent to a client, by reason', '{event}')
  readonly duplicates = this.#counter('duplicates', 'Events left out because they came a second time', '{event}')
  readonly malformed = this.#counter('malformed_entries', 'Stream entries that are no events', '{entry}')
  readonly gaps = this.#counter('log_gaps', 'Times that the tail missed events, by reason', '{gap}')
  readonly missed = this.#counter('missed_entries', 'Events that the tail missed, as far as known', '{event}')
  readonly resumes = this.#counter('resumes', 'Clients that came back with a cursor, by outcome', '{connection}')
  readonly authFailures = this.#counter('auth_failures', 'Tokens that were refused', '{attempt}')
  readonly closed = this.#counter('closed', 'Connections that the gateway closed, by reason', '{connection}')
  readonly inbound = this.#counter('inbound_messages', 'Messages of clients, by outcome', '{message}')
  readonly deliveryLatency = this.#meter.createHistogram('auren.gateway.delivery.latency', {
    description: 'From the time an event states to its first sending',
    unit: 's',
    advice: { explicitBucketBoundaries: [...buckets.call] },
  })

  constructor(gauges: () => GatewayGauges) {
    for (const counter of [this.events, this.duplicates, this.malformed, this.missed]) counter.add(0)
    this.authFailures.add(0)
    for (const { reason } of Object.values(closings)) this.closed.add(0, { reason })
    for (const reason of ['rate_limit', 'slow_consumer']) this.dropped.add(0, { [labels.dropReason]: reason })
    for (const reason of ['trimmed', 'epoch_changed', 'future_cursor']) this.gaps.add(0, { reason })
    for (const outcome of ['ok', 'trimmed', 'epoch_changed', 'future_cursor', 'invalid_cursor']) {
      this.resumes.add(0, { [labels.outcome]: outcome })
    }
    for (const outcome of ['ok', 'refused']) this.inbound.add(0, { [labels.outcome]: outcome })
    this.#observe(gauges)
  }

  render(): Promise<string> {
    return prometheusText(this.#reader)
  }

  async close(): Promise<void> {
    this.#endRuntime()
    await this.provider.shutdown()
  }

  #observe(gauges: () => GatewayGauges): void {
    const gauge = (
      name: string,
      description: string,
      unit: string,
      value: (now: GatewayGauges) => number | undefined,
      attributes: Attributes = {},
    ) =>
      this.#meter.createObservableGauge(`auren.${name}`, { description, unit }).addCallback((result) => {
        const now = value(gauges())
        if (now !== undefined) result.observe(now, attributes)
      })
    gauge('gateway.connections', 'Connections that are open', '{connection}', (now) => now.connections)
    gauge('gateway.connections_limit', 'Connections that may be open', '{connection}', (now) => now.connectionsLimit)
    gauge('gateway.slow_consumers', 'Connections with bytes waiting', '{connection}', (now) => now.slowConsumers)
    gauge('gateway.groups', 'Sets of connections that are sent the same', '{group}', (now) => now.groups)
    gauge('gateway.runs', 'Runs whose state is kept', '{run}', (now) => now.runs)
    gauge('gateway.runs_size', 'What their state takes in memory, roughly', 'By', (now) => now.runBytes)
    gauge('gateway.window', 'Events kept in memory', 'By', (now) => now.windowBytes)
    this.#meter
      .createObservableCounter('auren.gateway.deliveries', {
        description: 'Events sent to clients, counted for each client',
        unit: '{event}',
      })
      .addCallback((result) => result.observe(gauges().deliveries))
    gauge('gateway.ready', '1 when the tail has caught up with the stream', '{state}', (now) => Number(now.ready))
    gauge('stream.length', 'Events in the stream', '{event}', (now) => now.streamLength)
    gauge('stream.maxlen', 'Events the stream keeps', '{event}', (now) => now.streamMaxLength)
    gauge('stream.last_event_age', 'Age of the newest event', 's', (now) => now.lastEventAgeSeconds)
    const day = { [labels.budgetPeriod]: 'day' }
    gauge('cost.budget.usd', 'US dollars that agents may spend', '{USD}', (now) => now.dailyBudgetUsd, day)
  }
}
