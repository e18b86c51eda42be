import type { AurenEvent } from '../../events/event.ts'
import { toTimestamp } from '../../events/timestamp.ts'
import type { AgentSummary, CollaborationSummary } from '../../protocol/summary.ts'
import { amount, hasFailed, shortText, usageOf } from '../../protocol/step-facts.ts'
import { MemoryTally } from './memory-tally.ts'
import { QuantileSketch } from './quantile-sketch.ts'

/** Partners and tiers that are told apart for one agent; more are counted, but not named. */
const maxPartners = 100
const maxTiers = 20

/** p95 above which an agent is slow, milliseconds: a boundary of the GenAI duration histograms. */
const slowMs = 10_240

/** What one agent did in one stretch of time. Tallies merge without loss, in any order. */
export class AgentTally {
  readonly memory = new Map<string, MemoryTally>()
  readonly #latencies = new QuantileSketch()
  readonly #partners = new Set<string>()
  #lastAt = 0
  #latencySum = 0
  #failures = 0
  #llmCalls = 0
  #tokens = 0
  #cost = 0
  #unpriced = 0
  #collaborations = 0
  #failedCollaborations = 0
  #lastCollaborationAt = 0

  /** Time of the newest event, milliseconds since the epoch. */
  get lastAt(): number {
    return this.#lastAt
  }

  add(event: AurenEvent, at: number): void {
    const latency = amount(event.performance_metrics?.latency_ms)
    const success = !hasFailed(event)
    this.#lastAt = Math.max(this.#lastAt, at)
    if (latency !== undefined) {
      this.#latencies.add(latency)
      this.#latencySum += latency
      if (!success) this.#failures += 1
    }
    // Leaf calls only: an execution repeats the tokens and the cost of its calls.
    if (event.event_type === 'llm_call') this.#addCall(event.payload, success)
    if (event.event_type === 'agent_collaboration') this.#addCollaboration(event.payload, success, at)
    if (event.event_type === 'memory_tier_access') this.#tier(event.payload)?.add(event.payload, latency, success)
  }

  merge(other: AgentTally): void {
    this.#latencies.merge(other.#latencies)
    for (const partner of other.#partners) this.#addPartner(partner)
    for (const [tier, tally] of other.memory) tallyOf(this.memory, tier)?.merge(tally)
    this.#lastAt = Math.max(this.#lastAt, other.#lastAt)
    this.#latencySum += other.#latencySum
    this.#failures += other.#failures
    this.#llmCalls += other.#llmCalls
    this.#tokens += other.#tokens
    this.#cost += other.#cost
    this.#unpriced += other.#unpriced
    this.#collaborations += other.#collaborations
    this.#failedCollaborations += other.#failedCollaborations
    this.#lastCollaborationAt = Math.max(this.#lastCollaborationAt, other.#lastCollaborationAt)
  }

  summary(isSilent: boolean): AgentSummary {
    const operations = this.#latencies.count
    const errorRate = operations === 0 ? 0 : this.#failures / operations
    const [p50 = 0, p95 = 0, p99 = 0] = this.#latencies.quantiles(0.5, 0.95, 0.99)
    return {
      average_latency_ms: operations === 0 ? 0 : this.#latencySum / operations,
      p50_latency_ms: p50,
      p95_latency_ms: p95,
      p99_latency_ms: p99,
      success_rate: 1 - errorRate,
      error_rate: errorRate,
      total_operations: operations,
      llm_calls: this.#llmCalls,
      tokens: this.#tokens,
      cost: this.#cost,
      unpriced_calls: this.#unpriced,
      last_update: toTimestamp(this.#lastAt),
      state: isSilent ? 'silent' : stateOf(errorRate, p95),
    }
  }

  /** Undefined when the agent worked with nobody. */
  collaboration(): CollaborationSummary | undefined {
    if (this.#collaborations === 0) return undefined
    return {
      total_collaborations: this.#collaborations,
      success_rate: 1 - this.#failedCollaborations / this.#collaborations,
      unique_partners: this.#partners.size,
      last_collaboration: toTimestamp(this.#lastCollaborationAt),
    }
  }

  #addCall(payload: AurenEvent['payload'], success: boolean): void {
    // Another event has the usage of this call, and counts it.
    if (payload['counted_elsewhere'] === true) return
    const { tokens, cost } = usageOf(payload)
    this.#llmCalls += 1
    this.#tokens += tokens
    if (cost !== undefined) this.#cost += cost
    else if (success) this.#unpriced += 1
  }

  #addCollaboration({ collaborating_agents: partners }: AurenEvent['payload'], success: boolean, at: number): void {
    this.#collaborations += 1
    if (!success) this.#failedCollaborations += 1
    this.#lastCollaborationAt = Math.max(this.#lastCollaborationAt, at)
    if (!Array.isArray(partners)) return
    for (const partner of partners.map(shortText)) if (partner !== undefined) this.#addPartner(partner)
  }

  #addPartner(partner: string): void {
    if (this.#partners.size < maxPartners) this.#partners.add(partner)
  }

  #tier({ tier_accessed: tier }: AurenEvent['payload']): MemoryTally | undefined {
    return tallyOf(this.memory, shortText(tier) ?? 'unknown')
  }
}

/** The tally of a tier; undefined for one beyond the bound. */
export function tallyOf(tiers: Map<string, MemoryTally>, tier: string): MemoryTally | undefined {
  const tally = tiers.get(tier) ?? (tiers.size < maxTiers ? new MemoryTally() : undefined)
  if (tally !== undefined) tiers.set(tier, tally)
  return tally
}

function stateOf(errorRate: number, p95: number): AgentSummary['state'] {
  if (errorRate >= 0.5) return 'failing'
  if (errorRate >= 0.1) return 'degraded'
  return p95 > slowMs ? 'slow' : 'healthy'
}
