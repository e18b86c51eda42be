import type { AgentRef, AurenEvent } from '../events/event.ts'
import type { StepKind } from './runs.ts'

/** Tokens and cost of one model call; what is not known is left out. */
export interface Usage {
  readonly input: number
  readonly output: number
  readonly tokens: number
  readonly cost: number | undefined
}

/** What one event tells of a step of its run: numbers and short names, never a payload. */
export interface StepFacts {
  readonly eventId: string
  readonly spanId: string
  readonly kind: StepKind
  readonly isStart: boolean
  readonly parentSpanId: string | null
  readonly parentEventId: string | undefined
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly startedAt: number
  readonly name: string | undefined
  readonly agent: Pick<AgentRef, 'id' | 'role'> | null
  readonly failed: boolean
  readonly errorType: string | undefined
  readonly usage: Usage | undefined
}

const kinds: Readonly<Record<string, readonly [StepKind, 'start' | 'end']>> = {
  agent_execution_started: ['agent', 'start'],
  agent_execution_completed: ['agent', 'end'],
  llm_call_started: ['model', 'start'],
  llm_call: ['model', 'end'],
  tool_usage_started: ['tool', 'start'],
  tool_usage: ['tool', 'end'],
  memory_tier_access: ['memory', 'end'],
  knowledge_access: ['knowledge', 'end'],
  biometric_analysis: ['biometric', 'end'],
  agent_collaboration: ['collaboration', 'end'],
  conversation_event: ['conversation', 'end'],
  hypothesis_formation: ['hypothesis', 'end'],
  agent_decision: ['decision', 'end'],
}

/** Longest name, id or error that is kept, in characters. */
const maxText = 120

/** Tokens, US dollars or milliseconds of one step above which a number is a mistake of its producer: it would drown all others. */
const maxAmount = 1e12

/** Undefined for an event that is no step of a run: without a span, without a time, or a heartbeat, an alert, a figure. */
export function stepFacts(event: AurenEvent): StepFacts | undefined {
  const [kind, phase] = Object.hasOwn(kinds, event.event_type) ? (kinds[event.event_type] ?? []) : []
  const at = Date.parse(event.timestamp)
  if (kind === undefined || event.span_id === null || Number.isNaN(at)) return undefined
  const { payload, metadata, source_agent: agent } = event
  const parentEventId = metadata['parent_event_id']
  return {
    eventId: event.event_id,
    spanId: event.span_id,
    kind,
    isStart: phase === 'start',
    parentSpanId: event.parent_span_id,
    parentEventId: typeof parentEventId === 'string' ? parentEventId : undefined,
    at,
    startedAt: startOf(event, at),
    name: shortText(nameOf(kind, event)),
    agent: namedAgent(agent),
    failed: hasFailed(event),
    errorType: shortText(payload['error_type']),
    usage: event.event_type === 'llm_call' ? usageOf(payload) : undefined,
  }
}

/** Null for an agent without an id, or with one that is no text: other producers may write what they like. */
export function namedAgent(agent: AurenEvent['source_agent']): StepFacts['agent'] {
  const { id, role }: { readonly id?: unknown; readonly role?: unknown } = agent ?? {}
  return typeof id === 'string' ? { id, role: shortText(role) ?? id } : null
}

/** Producers of the predecessor said it in the result of the execution. */
export function hasFailed({ payload, performance_metrics: metrics }: AurenEvent): boolean {
  return payload['success'] === false || payload['execution_result'] === 'error' || metrics?.success === false
}

function startOf({ metadata, performance_metrics: metrics }: AurenEvent, at: number): number {
  const stated = Date.parse(shortText(metadata['start_time']) ?? '')
  if (!Number.isNaN(stated)) return Math.min(at, stated)
  const latency = amount(metrics?.latency_ms) ?? 0
  return latency <= at ? at - latency : at
}

function nameOf(kind: StepKind, { payload, source_agent: agent, target_agent: target, metadata }: AurenEvent): unknown {
  switch (kind) {
    case 'agent':
      return agent?.role ?? metadata['span_name']
    case 'model':
      return payload['model'] ?? payload['request_model']
    case 'tool':
      return payload['tool_name']
    case 'memory':
      return payload['tier_accessed']
    case 'knowledge':
      return payload['knowledge_domain'] ?? payload['topic']
    case 'collaboration':
      return target?.role ?? payload['collaboration_type']
    default:
      return undefined
  }
}

export function usageOf(payload: AurenEvent['payload']): Usage {
  const input = count(payload['input_tokens']) ?? 0
  const output = count(payload['output_tokens']) ?? 0
  return { input, output, tokens: count(payload['tokens_used']) ?? input + output, cost: amount(payload['cost']) }
}

function count(value: unknown): number | undefined {
  return Number.isInteger(value) ? amount(value) : undefined
}

/** Undefined for what is no number, below 0, or more than there can be. */
export function amount(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= maxAmount ? value : undefined
}

export function shortText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, maxText) : undefined
}
