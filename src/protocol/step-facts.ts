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
    agent: agent && { id: agent.id, role: agent.role },
    failed: hasFailed(event),
    errorType: shortText(payload['error_type']),
    usage: event.event_type === 'llm_call' ? usageOf(payload) : undefined,
  }
}

/** Producers of the predecessor said it in the result of the execution. */
function hasFailed({ payload, performance_metrics: metrics }: AurenEvent): boolean {
  return payload['success'] === false || payload['execution_result'] === 'error' || metrics?.success === false
}

function startOf({ metadata, performance_metrics: metrics }: AurenEvent, at: number): number {
  const stated = Date.parse(String(metadata['start_time']))
  return Math.min(at, Number.isNaN(stated) ? at - (metrics?.latency_ms ?? 0) : stated)
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

function usageOf(payload: AurenEvent['payload']): Usage {
  const input = amount(payload['input_tokens']) ?? 0
  const output = amount(payload['output_tokens']) ?? 0
  return { input, output, tokens: amount(payload['tokens_used']) ?? input + output, cost: amount(payload['cost']) }
}

function amount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

export function shortText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, maxText) : undefined
}
