import Type from 'typebox'
import type { Static } from 'typebox'

const Time = Type.String({ description: 'ISO 8601, milliseconds, +00:00' })
const Count = Type.Integer({ minimum: 0 })
const Ratio = Type.Number({ minimum: 0, maximum: 1 })

/** Quantiles come from a sketch: at most 1 % beside the true value. */
export const AgentSummary = Type.Object({
  average_latency_ms: Type.Number(),
  p50_latency_ms: Type.Number(),
  p95_latency_ms: Type.Number(),
  p99_latency_ms: Type.Number(),
  success_rate: Ratio,
  error_rate: Ratio,
  total_operations: Count,
  llm_calls: Count,
  tokens: Type.Number(),
  cost: Type.Number({ description: 'USD, of leaf model calls' }),
  unpriced_calls: Type.Integer({ minimum: 0, description: 'calls without a known price: the cost is a lower bound' }),
  last_update: Time,
  state: Type.Enum(['healthy', 'slow', 'degraded', 'failing', 'silent']),
})
export type AgentSummary = Static<typeof AgentSummary>

export const CollaborationSummary = Type.Object({
  total_collaborations: Count,
  success_rate: Ratio,
  unique_partners: Count,
  last_collaboration: Time,
})
export type CollaborationSummary = Static<typeof CollaborationSummary>

/** One tier of memory. `hit_rate` is null where no access said whether it hit. */
export const MemorySummary = Type.Object({
  accesses: Count,
  hits: Count,
  misses: Count,
  hit_rate: Type.Union([Ratio, Type.Null()]),
  error_rate: Ratio,
  p50_latency_ms: Type.Number(),
  p95_latency_ms: Type.Number(),
  p99_latency_ms: Type.Number(),
})
export type MemorySummary = Static<typeof MemorySummary>

/** Sent every 30 s to `agent_performance` and `all_events`: the predecessor's shape, of what the receiver may see. */
export const PerformanceSummary = Type.Object({
  type: Type.Literal('performance_summary'),
  timestamp: Time,
  data: Type.Object({
    timestamp: Time,
    window_seconds: Type.Number({
      description: 'the figures are of events from window_start until now, this long at most',
    }),
    window_start: Type.String({
      description:
        'ISO 8601, milliseconds, +00:00: later than window_seconds ago where the stream has lost older events',
    }),
    agents: Type.Record(Type.String(), AgentSummary),
    system: Type.Object({ active_connections: Count, events_sent: Count, uptime_seconds: Count }),
    collaboration: Type.Record(Type.String(), CollaborationSummary),
    memory: Type.Record(Type.String(), MemorySummary),
  }),
})
export type PerformanceSummary = Static<typeof PerformanceSummary>
