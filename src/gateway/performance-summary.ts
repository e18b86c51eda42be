import type { AurenEvent } from '../events/event.ts'
import { toTimestamp } from '../events/timestamp.ts'
import type { AgentSummary, CollaborationSummary, PerformanceSummary } from '../protocol/server-messages.ts'
import { maySee } from './principal.ts'
import type { Principal, Visible } from './principal.ts'

/** What the summary needs of one event; an event itself would hold its payload in memory. */
interface Sample extends Visible {
  readonly at: number
  readonly type: string
  readonly latencyMs: number | undefined
  readonly success: boolean
  readonly tokens: number
  readonly cost: number
  readonly partners: readonly string[]
}

/** Milliseconds that a summary looks back, and samples kept at the most. */
const windowMs = 5 * 60_000
const maxSamples = 50_000

/** p95 above which an agent is slow, milliseconds: a boundary of the GenAI duration histograms. */
const slowMs = 10_240
/** Milliseconds without any event after which an agent with an open execution is silent: more than two heartbeats. */
const silentMs = 30_000

/** The last minutes of the stream, summed up for whoever asks: always only what that principal may see. */
export class SummaryWindow {
  readonly #now: () => number
  #samples: Sample[] = []

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  add(event: AurenEvent): void {
    this.#samples.push(toSample(event))
    if (this.#samples.length > maxSamples * 1.1) this.#prune()
  }

  summarise(principal: Principal, system: PerformanceSummary['data']['system']): PerformanceSummary {
    this.#prune()
    const timestamp = toTimestamp(this.#now())
    const byAgent = Map.groupBy(
      this.#samples.filter((sample) => sample.source_agent !== null && maySee(principal, sample)),
      (sample) => sample.source_agent?.id ?? '',
    )
    const agents: Record<string, AgentSummary> = {}
    const collaboration: Record<string, CollaborationSummary> = {}
    for (const [agent, samples] of byAgent) {
      agents[agent] = this.#agent(samples)
      const shared = samples.filter(({ type }) => type === 'agent_collaboration')
      if (shared.length > 0) collaboration[agent] = collaborations(shared)
    }
    const data = { timestamp, window_seconds: windowMs / 1000, agents, system, collaboration }
    return { type: 'performance_summary', timestamp, data }
  }

  #agent(samples: readonly Sample[]): AgentSummary {
    const operations = samples.filter((sample) => sample.latencyMs !== undefined)
    const latencies = operations.map(({ latencyMs }) => latencyMs ?? 0).sort((a, b) => a - b)
    const failures = operations.filter(({ success }) => !success).length
    const errorRate = operations.length === 0 ? 0 : failures / operations.length
    const lastAt = samples.at(-1)?.at ?? 0
    const p95 = quantile(latencies, 0.95)
    return {
      average_latency_ms: latencies.length === 0 ? 0 : sum(latencies) / latencies.length,
      p50_latency_ms: quantile(latencies, 0.5),
      p95_latency_ms: p95,
      success_rate: 1 - errorRate,
      error_rate: errorRate,
      total_operations: operations.length,
      tokens: sum(samples.map(({ tokens }) => tokens)),
      cost: sum(samples.map(({ cost }) => cost)),
      last_update: toTimestamp(lastAt),
      state: this.#isSilent(samples, lastAt) ? 'silent' : stateOf(errorRate, p95),
    }
  }

  #isSilent(samples: readonly Sample[], lastAt: number): boolean {
    const open = sum(
      samples.map(({ type }) =>
        type === 'agent_execution_started' ? 1 : type === 'agent_execution_completed' ? -1 : 0,
      ),
    )
    return open > 0 && this.#now() - lastAt > silentMs
  }

  #prune(): void {
    const oldest = this.#now() - windowMs
    const from = this.#samples.findIndex(({ at }) => at >= oldest)
    this.#samples = from === -1 ? [] : this.#samples.slice(Math.max(from, this.#samples.length - maxSamples))
  }
}

function toSample(event: AurenEvent): Sample {
  const { tokens_used: tokens, cost, collaborating_agents: partners } = event.payload
  const isCall = event.event_type === 'llm_call'
  const at = Date.parse(event.timestamp)
  return {
    tenant_id: event.tenant_id,
    user_id: event.user_id,
    source_agent: event.source_agent && { id: event.source_agent.id, role: event.source_agent.role },
    at: Number.isNaN(at) ? 0 : at,
    type: event.event_type,
    latencyMs: event.performance_metrics?.latency_ms,
    success: event.performance_metrics?.success ?? true,
    // Leaf calls only: an execution repeats the tokens and the cost of its calls.
    tokens: isCall && typeof tokens === 'number' ? tokens : 0,
    cost: isCall && typeof cost === 'number' ? cost : 0,
    partners: Array.isArray(partners) ? partners.map(String) : [],
  }
}

function collaborations(samples: readonly Sample[]): CollaborationSummary {
  return {
    total_collaborations: samples.length,
    success_rate: samples.filter(({ success }) => success).length / samples.length,
    unique_partners: new Set(samples.flatMap(({ partners }) => partners)).size,
    last_collaboration: toTimestamp(samples.at(-1)?.at ?? 0),
  }
}

function stateOf(errorRate: number, p95: number): AgentSummary['state'] {
  if (errorRate >= 0.5) return 'failing'
  if (errorRate >= 0.1) return 'degraded'
  return p95 > slowMs ? 'slow' : 'healthy'
}

/** Nearest rank, of values in ascending order; 0 when there are none. */
function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
