import { kpis } from '../../src/exporters/kpi.ts'
import { instruments, labels } from '../../src/exporters/metric-names.ts'
import { prometheusName } from '../../src/exporters/prometheus-text.ts'

const { counters, histograms, exporter } = instruments
const total = (instrument: Instrument) => `${prometheusName(instrument)}_total`

type Instrument = Parameters<typeof prometheusName>[0]

/** Metrics of agents as Prometheus shows them, from the constants that record them. */
export const metrics = {
  executions: total(counters.agentExecutions),
  executionDuration: prometheusName(histograms.agentDuration),
  activeAgents: prometheusName(instruments.activeAgents),
  toolCalls: total(counters.toolCalls),
  toolDuration: prometheusName(histograms.toolDuration),
  memoryAccesses: total(counters.memoryAccesses),
  memoryDuration: prometheusName(histograms.memoryDuration),
  collaborations: total(counters.collaborations),
  collaborationDuration: prometheusName(histograms.collaborationDuration),
  decisions: total(counters.decisions),
  decisionConfidence: prometheusName(histograms.decisionConfidence),
  hypotheses: total(counters.hypotheses),
  knowledge: total(counters.knowledgeAccesses),
  cost: total(counters.cost),
  unpricedCalls: total(counters.unpricedCalls),
  callDuration: prometheusName(histograms.operationDuration),
  firstChunk: prometheusName(histograms.timeToFirstChunk),
  tokens: prometheusName(histograms.tokenUsage),
  kpiReadings: total(instruments.kpiReadings),
  exporterEvents: total(exporter.written),
  exporterDropped: total(exporter.dropped),
  exporterRetries: total(exporter.retries),
  queueSize: prometheusName(exporter.queueSize),
  queueCapacity: prometheusName(exporter.queueCapacity),
  queueBytes: prometheusName(exporter.queueBytes),
} as const

/** Histogram of one figure of athletes. */
export function kpiMetric(name: string): string {
  const kpi = kpis.find((other) => other.name === name)
  if (kpi === undefined) throw new Error(`no such figure: ${name}`)
  return prometheusName(kpi.metric)
}

/** Metrics of the gateway and of Node's runtime; `test/grafana` finds each on a real page. */
export const gateway = {
  connections: 'auren_gateway_connections',
  connectionsLimit: 'auren_gateway_connections_limit',
  slowConsumers: 'auren_gateway_slow_consumers',
  events: 'auren_gateway_events_total',
  deliveries: 'auren_gateway_deliveries_total',
  dropped: 'auren_gateway_dropped_total',
  closed: 'auren_gateway_closed_total',
  gaps: 'auren_gateway_log_gaps_total',
  missed: 'auren_gateway_missed_entries_total',
  authFailures: 'auren_gateway_auth_failures_total',
  deliveryLatency: 'auren_gateway_delivery_latency_seconds',
  streamLength: 'auren_stream_length',
  streamMaxLength: 'auren_stream_maxlen',
  lastEventAge: 'auren_stream_last_event_age_seconds',
  ready: 'auren_gateway_ready',
  budget: 'auren_cost_budget_usd',
} as const

/** Of redis_exporter. */
export const redis = {
  memoryUsed: 'redis_memory_used_bytes',
  memoryLimit: 'redis_memory_max_bytes',
  clients: 'redis_connected_clients',
  commands: 'redis_commands_processed_total',
  evicted: 'redis_evicted_keys_total',
} as const

export const runtime = {
  eventLoopDelay: 'nodejs_eventloop_delay_p99_seconds',
  heapUsed: 'v8js_memory_heap_used_bytes',
  gcDuration: 'v8js_gc_duration_seconds',
} as const

/** Labels as Prometheus shows them. */
export const label = Object.fromEntries(
  Object.entries(labels).map(([key, name]) => [key, name.replaceAll('.', '_')]),
) as Readonly<Record<keyof typeof labels, string>>
