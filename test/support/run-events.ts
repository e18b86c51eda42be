import { eventId } from '../../src/events/event-id.ts'
import type { AurenEvent } from '../../src/events/event.ts'
import { toTimestamp } from '../../src/events/timestamp.ts'

export const traceId = '5bf92f3577b34da6a3ce929d0e0e4736'
/** The time that offsets are counted from, milliseconds since the epoch. */
export const zero = Date.parse('2026-11-21T05:00:00Z')

type Kind = 'agent' | 'model' | 'tool'

const types = {
  agent: ['agent_execution_started', 'agent_execution_completed'],
  model: ['llm_call_started', 'llm_call'],
  tool: ['tool_usage_started', 'tool_usage'],
} as const

export interface StepPlan {
  readonly id: number
  readonly kind: Kind
  readonly parent?: number
  readonly agent?: string
  /** Seconds after {@link zero}. */
  readonly from: number
  readonly to?: number
  readonly failed?: boolean
  readonly name?: string
  readonly cost?: number
  readonly tokens?: number
  readonly fields?: Partial<AurenEvent>
  readonly payload?: AurenEvent['payload']
}

export function spanOf(id: number): string {
  return id.toString(16).padStart(16, '0')
}

/** The events that one step gives: its start, and its end unless it is open. */
export function stepEvents(plan: StepPlan): AurenEvent[] {
  const [started, finished] = types[plan.kind]
  const start = event(plan, 'start', started, plan.from)
  return plan.to === undefined ? [start] : [start, event(plan, 'end', finished, plan.to)]
}

function event(plan: StepPlan, phase: 'start' | 'end', type: AurenEvent['event_type'], second: number): AurenEvent {
  const { name = 'thing', cost, tokens, failed = false } = plan
  const success = phase === 'start' ? {} : { success: !failed }
  const usage =
    phase === 'end' && plan.kind === 'model'
      ? { tokens_used: tokens, input_tokens: tokens, output_tokens: 0, cost }
      : {}
  return {
    event_id: eventId(traceId, spanOf(plan.id), phase),
    trace_id: traceId,
    session_id: 'session-1',
    timestamp: toTimestamp(zero + second * 1000),
    event_type: type,
    source_agent: plan.agent === undefined ? null : { id: plan.agent, role: plan.agent },
    target_agent: null,
    payload: {
      ...(plan.kind === 'tool' ? { tool_name: name } : plan.kind === 'model' ? { model: name } : {}),
      ...success,
      ...usage,
      ...plan.payload,
    },
    metadata: { start_time: toTimestamp(zero + plan.from * 1000) },
    user_id: 'user-1',
    span_id: spanOf(plan.id),
    parent_span_id: plan.parent === undefined ? null : spanOf(plan.parent),
    tenant_id: null,
    ...plan.fields,
  }
}

/** A heartbeat of the run, made so many seconds after {@link zero}. */
export function heartbeat(
  second: number,
  openSteps: readonly number[],
  payload: AurenEvent['payload'] = {},
): AurenEvent {
  const plan: StepPlan = { id: 0, kind: 'agent', from: second, agent: 'lead' }
  return {
    ...event(plan, 'start', 'heartbeat', second),
    event_id: `beat-${second}`,
    payload: { producer: '7-abc', interval_ms: 10_000, open_steps: openSteps.map(spanOf), ...payload },
    metadata: { run_started: toTimestamp(zero) },
  }
}
