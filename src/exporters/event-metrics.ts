import type { Attributes, Counter, Histogram, MeterProvider, UpDownCounter } from '@opentelemetry/api'
import type { AurenEvent } from '../events/event.ts'
import { KpiMetrics } from './kpi-metrics.ts'
import { LabelCap } from './label-cap.ts'
import { buckets, instruments as names, labels, scopeName } from './metric-names.ts'

type Payload = AurenEvent['payload']

/** Open agent executions remembered, so that a completion without its start does not count below zero. */
const openRunsKept = 10_000
/** Series remembered as written; then they are written again. */
const seriesRemembered = 10_000

/**
 * The metrics of contract §6, recorded from events: whatever the dialect, the live feed and Prometheus cannot disagree.
 * Labels are bounded; user, session and trace are never labels.
 */
export class AurenEventMetrics {
  readonly #cap = new LabelCap()
  readonly #openRuns = new Set<string>()
  /** Series that have been written with 0. */
  readonly #zeroed = new Set<string>()
  readonly #counters: Readonly<Record<keyof typeof names.counters, Counter>>
  readonly #histograms: Readonly<Record<keyof typeof names.histograms, Histogram>>
  readonly #active: UpDownCounter
  readonly #kpis: KpiMetrics

  constructor(provider: MeterProvider) {
    const meter = provider.getMeter(scopeName)
    this.#counters = mapValues(names.counters, ({ name, ...options }) => meter.createCounter(name, options))
    this.#histograms = mapValues(names.histograms, ({ name, boundaries, ...options }) =>
      meter.createHistogram(name, { ...options, advice: { explicitBucketBoundaries: [...buckets[boundaries]] } }),
    )
    this.#active = meter.createUpDownCounter(names.activeAgents.name, {
      description: names.activeAgents.description,
      unit: names.activeAgents.unit,
    })
    this.#kpis = new KpiMetrics(provider)
    this.#counters.redactionFailures.add(0)
  }

  record(event: AurenEvent): void {
    const failed = event.metadata['redaction_failed']
    if (Array.isArray(failed)) this.#counters.redactionFailures.add(failed.length)
    switch (event.event_type) {
      case 'agent_execution_started':
        return this.#agentStarted(event)
      case 'agent_execution_completed':
        return this.#agentCompleted(event)
      case 'llm_call_started':
        return this.#zeroCost(event)
      case 'llm_call':
        return this.#modelCall(event)
      case 'tool_usage_started':
        return this.#zero('toolCalls', this.#toolLabels(event))
      case 'tool_usage':
        return this.#toolCall(event)
      case 'memory_tier_access':
        return this.#memoryAccess(event)
      case 'agent_collaboration':
        return this.#collaboration(event)
      case 'agent_decision':
        return this.#decision(event)
      case 'hypothesis_formation':
        return this.#counters.hypotheses.add(1, this.#agentLabel(event))
      case 'knowledge_access':
        return this.#counters.knowledgeAccesses.add(1, this.#agentLabel(event))
      case 'biometric_analysis':
        return this.#kpis.record(event)
      default:
        return
    }
  }

  #agentStarted(event: AurenEvent): void {
    const agent = this.#agentLabel(event)
    this.#zero('agentExecutions', agent)
    if (event.span_id === null || this.#openRuns.size >= openRunsKept) return
    this.#openRuns.add(event.span_id)
    this.#active.add(1, agent)
  }

  #agentCompleted(event: AurenEvent): void {
    const agent = this.#agentLabel(event)
    this.#counters.agentExecutions.add(1, { ...agent, [labels.outcome]: outcome(event.payload) })
    this.#observe('agentDuration', event.payload['session_duration_ms'], { ...agent, ...errorType(event.payload) })
    if (event.span_id !== null && this.#openRuns.delete(event.span_id)) this.#active.add(-1, agent)
  }

  #modelLabels(event: AurenEvent): Attributes {
    const p = event.payload
    return {
      ...this.#agentLabel(event),
      ...this.#label(labels.operation, p['operation']),
      ...this.#label(labels.provider, p['provider']),
      ...this.#label(labels.requestModel, p['request_model'] ?? p['model']),
    }
  }

  #modelCall(event: AurenEvent): void {
    const p = event.payload
    const model = this.#modelLabels(event)
    this.#observe('operationDuration', p['latency_ms'], { ...model, ...errorType(p) })
    this.#observe('timeToFirstChunk', p['time_to_first_token_ms'], model)
    for (const type of ['input', 'output'] as const) {
      const tokens = p[`${type}_tokens`]
      if (typeof tokens === 'number') this.#histograms.tokenUsage.record(tokens, { ...model, [labels.tokenType]: type })
    }
    const cost = p['cost']
    this.#counters.cost.add(typeof cost === 'number' ? cost : 0, model)
    const isUnpriced = cost === undefined && p['success'] !== false
    if (isUnpriced || this.#isNew('unpriced', model)) this.#counters.unpricedCalls.add(isUnpriced ? 1 : 0, model)
  }

  #toolLabels(event: AurenEvent): Attributes {
    return { ...this.#agentLabel(event), ...this.#label(labels.tool, event.payload['tool_name']) }
  }

  #toolCall(event: AurenEvent): void {
    const tool = this.#toolLabels(event)
    this.#counters.toolCalls.add(1, { ...tool, [labels.outcome]: outcome(event.payload) })
    this.#observe('toolDuration', event.payload['execution_time_ms'], { ...tool, ...errorType(event.payload) })
  }

  #memoryAccess(event: AurenEvent): void {
    const hit = event.payload['cache_hit']
    const access = {
      ...this.#agentLabel(event),
      ...this.#label(labels.memoryTier, event.payload['tier_accessed']),
      ...this.#label(labels.memoryOperation, event.payload['operation']),
    }
    const result = typeof hit === 'boolean' ? (hit ? 'hit' : 'miss') : 'none'
    for (const value of ['hit', 'miss', 'none']) {
      this.#counters.memoryAccesses.add(value === result ? 1 : 0, { ...access, [labels.memoryResult]: value })
    }
    this.#observe('memoryDuration', event.payload['latency_ms'], access)
  }

  #collaboration(event: AurenEvent): void {
    const partners = event.payload['collaborating_agents']
    const targets = Array.isArray(partners) && partners.length > 0 ? partners : [event.target_agent?.id]
    for (const target of targets) {
      const pair = {
        ...this.#label(labels.collaborationSource, event.payload['primary_agent']),
        ...this.#label(labels.collaborationTarget, target),
        ...this.#label(labels.collaborationKind, event.payload['collaboration_type']),
      }
      this.#counters.collaborations.add(1, { ...pair, [labels.outcome]: outcome(event.payload) })
      this.#observe('collaborationDuration', event.payload['resolution_time_ms'], pair)
    }
  }

  #decision(event: AurenEvent): void {
    const agent = this.#agentLabel(event)
    this.#counters.decisions.add(1, {
      ...agent,
      ...this.#label(labels.decisionKind, event.payload['decision_category']),
    })
    const confidence = event.payload['confidence']
    if (typeof confidence === 'number') this.#histograms.decisionConfidence.record(confidence, agent)
  }

  #zeroCost(event: AurenEvent): void {
    const model = this.#modelLabels(event)
    if (this.#isNew('cost', model))
      for (const counter of ['cost', 'unpricedCalls'] as const) this.#counters[counter].add(0, model)
  }

  /** Writes 0 for each outcome, since a rate over a series that appears with its first error never shows that error. */
  #zero(counter: 'agentExecutions' | 'toolCalls', attributes: Attributes): void {
    if (!this.#isNew(counter, attributes)) return
    for (const value of ['success', 'error']) this.#counters[counter].add(0, { ...attributes, [labels.outcome]: value })
  }

  /** Once for each series: the caps on labels bound how many there are. */
  #isNew(counter: string, attributes: Attributes): boolean {
    const series = `${counter} ${Object.values(attributes).join('\n')}`
    if (this.#zeroed.has(series)) return false
    if (this.#zeroed.size >= seriesRemembered) this.#zeroed.clear()
    this.#zeroed.add(series)
    return true
  }

  #observe(histogram: keyof typeof names.histograms, ms: unknown, attributes: Attributes): void {
    if (typeof ms === 'number') this.#histograms[histogram].record(ms / 1000, attributes)
  }

  #agentLabel(event: AurenEvent): Attributes {
    return this.#label(labels.agent, event.source_agent?.['name'] ?? event.source_agent?.id)
  }

  #label(name: string, value: unknown): Attributes {
    return { [name]: this.#cap.bounded(name, typeof value === 'string' && value !== '' ? value : 'unknown') }
  }
}

function outcome(payload: Payload): string {
  if (payload['success'] !== false) return 'success'
  const type = typeof payload['error_type'] === 'string' ? payload['error_type'].toLowerCase() : ''
  if (type.includes('timeout') || type.includes('timedout')) return 'timeout'
  return type.includes('abort') || type.includes('cancel') ? 'cancelled' : 'error'
}

/** `error.type` is low in number by convention, but an exception class can be anything: only its name is kept. */
function errorType(payload: Payload): Attributes {
  if (payload['success'] !== false) return {}
  const type = payload['error_type']
  return { [labels.errorType]: typeof type === 'string' && /^[\w.-]{1,64}$/.test(type) ? type : '_OTHER' }
}

function mapValues<K extends string, A, B>(record: Readonly<Record<K, A>>, change: (value: A) => B): Record<K, B> {
  return Object.fromEntries(Object.entries<A>(record).map(([key, value]) => [key, change(value)])) as Record<K, B>
}
