import { eventId } from '../events/event-id.ts'
import type { EventPhase } from '../events/event-id.ts'
import type { AurenEvent, PerformanceMetrics } from '../events/event.ts'
import type { AurenEventType } from '../events/event-types.ts'
import { toTimestamp } from '../events/timestamp.ts'
import type { SpanNode } from './span-node.ts'
import { known, text } from './attributes.ts'
import { redact } from './redaction.ts'
import type { SpanFacts } from './span-facts.ts'
import type { SpanRecord } from './span-record.ts'

export interface ProcessUsage {
  readonly memoryMb: number
  readonly cpuPercent: number
}

export interface EnvelopeOptions {
  readonly tenantId: string | null
  /** Memory and CPU of the process the span ran in; spans of other processes have none. */
  readonly processUsage?: () => ProcessUsage
}

export interface EventDraft {
  readonly span: SpanRecord
  readonly node: SpanNode
  readonly facts: SpanFacts
  readonly type: AurenEventType
  readonly phase: EventPhase
  readonly payload: Readonly<Record<string, unknown>>
}

/** Payload keys that are known when a step starts; the others would be the previous state of an unfinished span. */
const startedKeys: Readonly<Partial<Record<AurenEventType, readonly string[]>>> = {
  llm_call_started: ['model', 'request_model', 'provider', 'operation', 'streaming', 'purpose', 'prompt'],
  tool_usage_started: ['tool_name', 'tool_call_id', 'tool_type', 'arguments'],
  agent_execution_started: ['model'],
}

export function startedPayload(facts: SpanFacts): Record<string, unknown> {
  const keys = (facts.startedType && startedKeys[facts.startedType]) ?? []
  return known(Object.fromEntries(keys.map((key) => [key, facts.payload[key]])))
}

/** The envelope of contract §1 around a payload: ids, time, who, where in the tree. */
export function buildEvent(draft: EventDraft, options: EnvelopeOptions): AurenEvent {
  const { span, node, facts, type, phase } = draft
  const started = phase === 'start' || span.endMs === null
  const agent = facts.agent ?? node.agent ?? null
  const payload = redact(draft.payload)
  return {
    event_id: eventId(span.traceId, span.spanId, phase),
    trace_id: span.traceId,
    session_id: facts.sessionId ?? node.sessionId ?? span.traceId,
    timestamp: toTimestamp(started ? span.startMs : (span.endMs ?? span.startMs)),
    event_type: type,
    source_agent: agent,
    target_agent: facts.target ?? null,
    payload: payload.value as Record<string, unknown>,
    metadata: metadata(draft, payload.truncated),
    user_id: facts.userId ?? node.userId ?? null,
    ...(started || !facts.timed ? {} : { performance_metrics: performanceMetrics(draft, agent?.id, options) }),
    span_id: span.spanId,
    parent_span_id: span.parentSpanId,
    tenant_id: options.tenantId,
  }
}

function metadata({ span, node, facts }: EventDraft, truncated: boolean): Record<string, unknown> {
  const ancestors = node.ancestorAgents
  return known({
    platform: facts.platform,
    service: text(span.resource, 'service.name'),
    dialect: facts.dialect,
    span_name: span.name,
    start_time: toTimestamp(span.startMs),
    parent_event_id: node.parentEventId,
    ancestor_agents: ancestors.length > 0 ? ancestors : undefined,
    dropped_attributes: span.droppedAttributes > 0 ? span.droppedAttributes : undefined,
    truncated: truncated ? true : undefined,
    ...facts.metadata,
  })
}

function performanceMetrics(
  draft: EventDraft,
  agentId: string | undefined,
  options: EnvelopeOptions,
): PerformanceMetrics {
  const { span, node, facts, payload } = draft
  const usage = options.processUsage?.() ?? { memoryMb: 0, cpuPercent: 0 }
  const cost = payload['cost'] ?? payload['own_cost']
  return {
    latency_ms: latencyMs(span),
    token_cost: typeof cost === 'number' ? cost : 0,
    memory_usage_mb: usage.memoryMb,
    cpu_percentage: usage.cpuPercent,
    success: payload['success'] !== false,
    ...known({
      error_type: typeof payload['error_type'] === 'string' ? payload['error_type'] : undefined,
      agent_id: agentId,
      collaboration_depth: node.ancestorAgents.length,
      confidence_score: facts.confidence,
    }),
  }
}

/** Milliseconds to three places: a microsecond is all that SDK clocks resolve. */
export function latencyMs(span: SpanRecord): number {
  return Math.max(0, Math.round(((span.endMs ?? span.startMs) - span.startMs) * 1000) / 1000)
}
