import type { AurenEvent } from '../../events/event.ts'
import type { Entry } from './last-minutes.ts'

/** What finished model calls used. Only they are added up: executions and delegations repeat what the calls below them cost. */
export interface CallSums {
  readonly calls: number
  readonly failed: number
  /** Calls that succeeded and have no known price: the cost is a lower bound. */
  readonly unpriced: number
  /** Cached tokens are part of the input. */
  readonly input: number
  readonly cached: number
  readonly output: number
  /** USD. */
  readonly cost: number
}

/** The calls of one agent to one model in one session. */
export interface CallLine extends CallSums {
  readonly agent: string
  readonly role: string
  readonly model: string
  readonly session: string
  /** The agents that it works for, those above it in the run. */
  readonly above: readonly string[]
}

/** What is said where a call does not say it, and where too many are told apart already. */
export const unstated = 'not stated'
export const others = 'others'

/** Undefined for all but a finished call that is counted here. */
export function callEntry(event: AurenEvent, at: number): Entry<CallLine> | undefined {
  const { event_type: type, payload, source_agent: agent, session_id: session } = event
  if (type !== 'llm_call' || payload['counted_elsewhere'] === true) return undefined
  const [id, model] = [agent?.id ?? unstated, textOf(payload['model'] ?? payload['request_model'])]
  const line = {
    ...sumsOf(event),
    agent: id,
    role: agent?.role ?? id,
    model,
    session: session ?? unstated,
    above: agentsAbove(event.metadata['ancestor_agents'], id),
  }
  return {
    at,
    key: JSON.stringify([id, model, line.session, line.above]),
    value: line,
    overflow: {
      key: others,
      value: { ...line, agent: others, role: others, model: others, session: others, above: [] },
    },
  }
}

export function addCalls<T extends CallSums>(one: T, other: CallSums): T {
  return {
    ...one,
    calls: one.calls + other.calls,
    failed: one.failed + other.failed,
    unpriced: one.unpriced + other.unpriced,
    input: one.input + other.input,
    cached: one.cached + other.cached,
    output: one.output + other.output,
    cost: one.cost + other.cost,
  }
}

export const noCalls: CallSums = { calls: 0, failed: 0, unpriced: 0, input: 0, cached: 0, output: 0, cost: 0 }

function sumsOf({ payload, performance_metrics: metrics }: AurenEvent): CallSums {
  const failed = payload['success'] === false || metrics?.success === false
  const input = amount(payload['input_tokens'])
  return {
    calls: 1,
    failed: failed ? 1 : 0,
    unpriced: !failed && typeof payload['cost'] !== 'number' ? 1 : 0,
    input,
    cached: Math.min(input, amount(payload['cached_input_tokens'])),
    output: amount(payload['output_tokens']),
    cost: amount(payload['cost']),
  }
}

/** The agent itself is one of those above its call: what it costs is its own. */
function agentsAbove(value: unknown, self: string): string[] {
  if (!Array.isArray(value)) return []
  return [...new Set(value.filter((id): id is string => typeof id === 'string' && id !== self))]
}

function amount(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0
}

function textOf(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : unstated
}
