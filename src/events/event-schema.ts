import Type from 'typebox'
import { eventTypes } from './event-types.ts'

const Nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Loose = Type.Record(Type.String(), Type.Unknown())

/** Who did it. `id` and `role` are both set when an agent is known; producers may add keys (goal, version, …). */
export const AgentRef = Type.Intersect([Type.Object({ id: Type.String(), role: Type.String() }), Loose])

/**
 * The predecessor's metrics object. Its decoder insists on the first five keys and rejects unknown ones, so both sets are
 * closed. Where the cost is unknown `token_cost` is 0; `payload.cost` is the truth.
 */
export const PerformanceMetrics = Type.Object(
  {
    latency_ms: Type.Number({ description: 'milliseconds' }),
    token_cost: Type.Number({ description: 'USD' }),
    memory_usage_mb: Type.Number({ description: 'resident set of the process, MB' }),
    cpu_percentage: Type.Number({ description: 'of one CPU' }),
    success: Type.Boolean(),
    error_type: Type.Optional(Nullable(Type.String())),
    agent_id: Type.Optional(Nullable(Type.String())),
    task_id: Type.Optional(Nullable(Type.String())),
    collaboration_depth: Type.Optional(Type.Number()),
    knowledge_items_accessed: Type.Optional(Type.Number()),
    hypotheses_formed: Type.Optional(Type.Number()),
    confidence_score: Type.Optional(Type.Number({ description: '0 to 1' })),
  },
  { additionalProperties: false },
)

const envelope = {
  event_id: Type.String({ minLength: 1, description: 'UUID; the same span and phase always give the same one' }),
  trace_id: Nullable(Type.String({ description: 'W3C trace id, 32 hex digits' })),
  session_id: Nullable(Type.String()),
  timestamp: Type.String({ minLength: 1, description: 'ISO 8601, milliseconds, +00:00' }),
  event_type: Type.Enum([...eventTypes]),
  source_agent: Nullable(AgentRef),
  target_agent: Nullable(AgentRef),
  payload: Loose,
  metadata: Loose,
  user_id: Nullable(Type.String()),
  performance_metrics: Type.Optional(PerformanceMetrics),
  span_id: Nullable(Type.String({ description: '16 hex digits' })),
  parent_span_id: Nullable(Type.String({ description: '16 hex digits' })),
  tenant_id: Nullable(Type.String()),
}

/** The AUREN event, fields in the order in which they are stored and sent (contract §1). Unknown facts are left out. */
export const AurenEvent = Type.Object(envelope, { $id: 'AurenEvent' })

/**
 * What is accepted from a stream, where stored-event.ts checks it: as {@link AurenEvent}, but an unknown type or metric key of
 * a newer or older producer does not make the entry unreadable.
 */
export const StoredEvent = Type.Object({
  ...envelope,
  event_type: Type.String({ minLength: 1, maxLength: 64, pattern: '^[a-z][a-z0-9_]*$' }),
  source_agent: Nullable(Loose),
  target_agent: Nullable(Loose),
  performance_metrics: Type.Optional(Loose),
})
