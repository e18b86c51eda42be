import { eventId } from '../events/event-id.ts'
import type { EventPhase } from '../events/event-id.ts'
import type { AgentRef, AurenEvent, PerformanceMetrics } from '../events/event.ts'
import type { AurenEventType } from '../events/event-types.ts'
import { toTimestamp } from '../events/timestamp.ts'
import type { SpanNode } from './span-node.ts'
import { text } from './attributes.ts'
import type { RedactedAgents } from './redacted-agents.ts'
import { boundedId, redact, redactName } from './redaction.ts'
import type { Redacted, RedactText } from './redaction.ts'
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
  /** What the user wants changed in texts, besides what is masked anyway. */
  readonly redact?: RedactText | undefined
}

export interface Envelope extends EnvelopeOptions {
  readonly agents: RedactedAgents
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
  const payload: Record<string, unknown> = {}
  for (const key of (facts.startedType && startedKeys[facts.startedType]) ?? [])
    if (facts.payload[key] !== undefined) payload[key] = facts.payload[key]
  return payload
}

/**
 * The envelope of contract §1 around a payload: ids, time, who, where in the tree. What comes out is bounded, without secrets,
 * and can be written as JSON, whatever the span held.
 */
export function buildEvent(draft: EventDraft, envelope: Envelope): AurenEvent {
  const { span, node, facts, type, phase } = draft
  const started = phase === 'start' || span.endMs === null
  const agent = agentOf(draft) ?? null
  const userId = facts.userId ?? node.userId
  const payload = redact(draft.payload, envelope.redact)
  const ancestors = node.ancestorAgents
  const event: AurenEvent = {
    event_id: eventId(span.traceId, span.spanId, phase),
    trace_id: span.traceId,
    session_id: boundedId(facts.sessionId ?? node.sessionId ?? span.traceId),
    timestamp: toTimestamp(started ? span.startMs : (span.endMs ?? span.startMs)),
    event_type: type,
    source_agent: agent && envelope.agents.of(agent),
    target_agent: facts.target ? envelope.agents.of(facts.target) : null,
    payload: payload.value,
    metadata: metadata(draft, payload, ancestors, envelope.redact),
    user_id: userId === undefined ? null : boundedId(userId),
    span_id: span.spanId,
    parent_span_id: span.parentSpanId,
    tenant_id: envelope.tenantId,
  }
  if (!started && facts.timed)
    event.performance_metrics = performanceMetrics(draft, payload.value, agent, ancestors.length, envelope)
  return event
}

function agentOf({ node, facts }: EventDraft): AgentRef | undefined {
  return facts.isOfAgentAbove ? node.agentAbove?.agent : (facts.agent ?? node.agent)
}

/** Agents above that are named, the nearest: deeper nesting is an agent that calls itself. */
const ancestorsNamed = 64

function metadata(
  draft: EventDraft,
  payload: Redacted,
  ancestors: readonly string[],
  hook: RedactText | undefined,
): Record<string, unknown> {
  const { span, node, facts } = draft
  const service = text(span.resource, 'service.name')
  return {
    platform: facts.platform,
    service: service && redactName(service, 'service', hook),
    dialect: facts.dialect,
    span_name: redactName(span.name, 'span_name', hook),
    start_time: toTimestamp(span.startMs),
    parent_event_id: node.parentEventId,
    ancestor_agents: ancestors.length > 0 ? ancestors.slice(-ancestorsNamed).map(boundedId) : undefined,
    task_id: node.taskId && boundedId(node.taskId),
    dropped_attributes: span.droppedAttributes > 0 ? span.droppedAttributes : undefined,
    truncated: payload.truncated.length > 0 ? payload.truncated : undefined,
    redaction_failed: payload.dropped.length > 0 ? payload.dropped : undefined,
    ...(facts.metadata && redact(facts.metadata, hook).value),
  }
}

function performanceMetrics(
  { span, node, facts }: EventDraft,
  payload: AurenEvent['payload'],
  agent: AgentRef | null,
  depth: number,
  envelope: Envelope,
): PerformanceMetrics {
  const usage = envelope.processUsage?.() ?? { memoryMb: 0, cpuPercent: 0 }
  const { cost = payload['own_cost'], error_type: error } = payload
  const metrics: PerformanceMetrics = {
    latency_ms: latencyMs(span),
    token_cost: typeof cost === 'number' ? cost : 0,
    memory_usage_mb: usage.memoryMb,
    cpu_percentage: usage.cpuPercent,
    success: payload['success'] !== false,
    collaboration_depth: depth,
  }
  if (typeof error === 'string') metrics.error_type = error
  if (agent !== null) metrics.agent_id = boundedId(agent.id)
  if (node.taskId !== undefined) metrics.task_id = boundedId(node.taskId)
  if (facts.confidence !== undefined) metrics.confidence_score = facts.confidence
  return metrics
}

/** Milliseconds to three places: a microsecond is all that SDK clocks resolve. */
export function latencyMs(span: SpanRecord): number {
  return Math.max(0, Math.round(((span.endMs ?? span.startMs) - span.startMs) * 1000) / 1000)
}
