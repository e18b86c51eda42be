import type { AgentRef } from '../../events/event.ts'
import { count, flag, known, structured, text } from '../attributes.ts'
import { outcome } from '../outcome.ts'
import type { Dialect, DialectOptions, SpanFacts } from '../span-facts.ts'
import type { Attributes, SpanRecord } from '../span-record.ts'
import { agentExecution, modelStep, toolStep, totalTokens } from '../steps.ts'

/**
 * VoltAgent: `entity.*`, `span.type`. Its model span covers all steps of an agent but counts the last one only; the agent's
 * span has the sum over all steps, without those of agents below it.
 */
export const voltAgent: Dialect = (span, options) => {
  if (!span.scope.startsWith('@voltagent/')) return null
  switch (text(span.attributes, 'span.type')) {
    case 'llm':
      return [modelCall(span, options)]
    case 'tool':
      return toolCall(span, options)
    case 'memory':
      return [memoryAccess(span, options)]
    case undefined:
    case 'agent':
      return agentSpan(span, options)
    default:
      return []
  }
}

function shared(span: SpanRecord): Pick<SpanFacts, 'dialect' | 'platform' | 'agent' | 'sessionId' | 'userId'> {
  return {
    dialect: 'voltagent',
    platform: 'voltagent',
    agent: agentOf(span.attributes),
    sessionId: text(span.attributes, 'conversation.id'),
    userId: text(span.attributes, 'user.id'),
  }
}

/** Below a sub-agent the entity is still the supervisor. */
function agentOf(a: Attributes): AgentRef | undefined {
  if (text(a, 'entity.type') !== 'agent') return undefined
  const name = text(a, 'subagent.name', 'entity.name')
  const id = text(a, 'subagent.id', 'entity.id') ?? name
  return id === undefined ? undefined : { id, role: name ?? id, ...known({ name }) }
}

function agentSpan(span: SpanRecord, options: DialectOptions): SpanFacts[] {
  const a = span.attributes
  const agent = agentOf(a)
  if (agent === undefined) return []
  const used = usage(a, 'usage.')
  return [
    {
      ...shared(span),
      ...agentExecution(span, agent, options),
      ...(used.tokens_used === undefined
        ? {}
        : {
            ownUsage: known({
              model: text(a, 'ai.model.name'),
              request_model: text(a, 'ai.model.name'),
              operation: 'chat',
              ...used,
            }),
          }),
    },
  ]
}

function modelCall(span: SpanRecord, options: DialectOptions): SpanFacts {
  const a = span.attributes
  const { error_message, ...end } = outcome(span)
  const finish = text(a, 'llm.finish_reason')
  return {
    ...shared(span),
    ...modelStep,
    payload: known({
      model: text(a, 'llm.model'),
      request_model: text(a, 'llm.model'),
      operation: 'chat',
      ...usage(a, 'llm.usage.'),
      streaming: flag(a, 'llm.stream'),
      ...end,
      finish_reasons: finish === undefined ? undefined : [finish],
      ...(options.captureContent ? { prompt: structured(a, 'llm.messages'), error_message } : {}),
    }),
  }
}

function usage(a: Attributes, prefix: string) {
  const input = count(a, `${prefix}prompt_tokens`)
  const output = count(a, `${prefix}completion_tokens`)
  return {
    input_tokens: input,
    output_tokens: output,
    cached_input_tokens: count(a, `${prefix}cached_tokens`),
    reasoning_tokens: count(a, `${prefix}reasoning_tokens`),
    tokens_used: totalTokens(input, output, count(a, `${prefix}total_tokens`)),
  }
}

/** `delegate_task` is how a supervisor calls its sub-agents, whose spans below it tell the rest. */
function toolCall(span: SpanRecord, options: DialectOptions): SpanFacts[] {
  const a = span.attributes
  const name = text(a, 'tool.name')
  if (name === 'delegate_task') return []
  const { error_message, ...end } = outcome(span)
  const content = options.captureContent
    ? { arguments: structured(a, 'input'), result: structured(a, 'output'), error_message }
    : {}
  const payload = known({ tool_name: name, tool_call_id: text(a, 'tool.call.id'), ...end, ...content })
  return [{ ...shared(span), ...toolStep, payload }]
}

/** The agent's conversation memory. Which store is behind it is not said. */
function memoryAccess(span: SpanRecord, options: DialectOptions): SpanFacts {
  const a = span.attributes
  const { error_message, ...end } = outcome(span)
  const operation = text(a, 'memory.operation')
  const found = operation === 'read' ? count(a, 'memory.message_count') : undefined
  return {
    ...shared(span),
    finishedType: 'memory_tier_access',
    timed: true,
    payload: known({
      tier_accessed: 'voltagent',
      operation,
      cache_hit: found === undefined ? undefined : found > 0,
      items_retrieved: found,
      ...end,
      error_message: options.captureContent ? error_message : undefined,
    }),
  }
}
