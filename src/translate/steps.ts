import type { AgentRef } from '../events/event.ts'
import { outcome } from './outcome.ts'
import type { DialectOptions, SpanFacts } from './span-facts.ts'
import type { SpanRecord } from './span-record.ts'

/** Which events a kind of step becomes: the same in every dialect. */
export const modelStep = { startedType: 'llm_call_started', finishedType: 'llm_call', timed: true } as const
export const toolStep = { startedType: 'tool_usage_started', finishedType: 'tool_usage', timed: true } as const
const agentStep = {
  startedType: 'agent_execution_started',
  finishedType: 'agent_execution_completed',
  timed: true,
} as const

/** For sources that know an agent by its name alone. */
export function namedAgent(name: string): AgentRef {
  return { id: name, role: name }
}

export function agentExecution(span: SpanRecord, agent: AgentRef, { captureContent }: DialectOptions) {
  const { error_message, ...end } = outcome(span)
  const message = captureContent && error_message !== undefined ? { error_message } : {}
  return { ...agentStep, agent, payload: { execution_result: end.success ? 'success' : 'error', ...end, ...message } }
}

/** One agent passes its work on to another. */
export function handoff(
  span: SpanRecord,
  target: string,
): Pick<SpanFacts, 'finishedType' | 'target' | 'timed' | 'payload'> {
  return {
    finishedType: 'agent_collaboration',
    target: namedAgent(target),
    timed: true,
    payload: { collaborating_agents: [target], collaboration_type: 'handoff', success: outcome(span).success },
  }
}

/** What the call used in all: its parts when one is known, else the total that the source states. */
export function totalTokens(input: number | undefined, output: number | undefined, stated: number | undefined) {
  return input === undefined && output === undefined ? stated : (input ?? 0) + (output ?? 0)
}
