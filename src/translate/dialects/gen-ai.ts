import type { AgentRef } from '../../events/event.ts'
import { known, structured, text } from '../attributes.ts'
import { agentIn } from '../identity.ts'
import { outcome } from '../outcome.ts'
import type { Dialect, DialectOptions, SpanFacts } from '../span-facts.ts'
import type { SpanRecord } from '../span-record.ts'
import { agentExecution, namedAgent, toolStep } from '../steps.ts'
import { modelCall } from './gen-ai-call.ts'
import { isMemoryOperation, memoryAccess, retrieval } from './gen-ai-knowledge.ts'
import { shared } from './gen-ai-shared.ts'

/** Operations that are one call to a model. `completion` and `generate` are names of before the conventions. */
const modelOperations = new Set([
  'chat',
  'text_completion',
  'generate_content',
  'embeddings',
  'completion',
  'generate',
  'text_completions',
])

/**
 * OpenTelemetry GenAI conventions: the names of semantic-conventions-genai (2026) and those of 1.27 to 1.41 that are
 * still in the field (`gen_ai.system`, `prompt_tokens`, `cache_creation`). Workflows contain agents and are none, a created
 * agent has done nothing yet, and a fetched response was billed when it was made: they give no event.
 */
export const genAi: Dialect = (span, options) => {
  const operation = text(span.attributes, 'gen_ai.operation.name')
  if (operation === undefined) return null
  if (modelOperations.has(operation)) return [modelCall(span, operation, options)]
  if (operation === 'invoke_agent') return invokedAgent(span, options)
  if (operation === 'execute_tool') return toolCall(span, options)
  if (operation === 'retrieval') return [retrieval(span, options)]
  if (operation === 'plan') return [plan(span)]
  if (isMemoryOperation(operation)) return [memoryAccess(span, operation, options)]
  return []
}

/** Usage on an agent span repeats what its model calls say, so none of it is read here. */
function invokedAgent(span: SpanRecord, options: DialectOptions): SpanFacts[] {
  const agent = agentIn(span.attributes) ?? agentOfName(span)
  if (agent === undefined) return []
  const execution = agentExecution(span, agent, options)
  const model = text(span.attributes, 'gen_ai.request.model')
  return [{ ...shared(span), ...execution, payload: { ...execution.payload, ...known({ model }) } }]
}

/** The AI SDK has the model in the span's name, of an agent without a name. */
function agentOfName(span: SpanRecord): AgentRef | undefined {
  const name = /^invoke_agent (.+)$/.exec(span.name)?.[1]
  const isModel = name === text(span.attributes, 'gen_ai.request.model')
  return name === undefined || isModel ? undefined : namedAgent(name)
}

/** A tool; where it passes work to another agent, that too. */
export function toolCall(span: SpanRecord, options: DialectOptions): SpanFacts[] {
  const a = span.attributes
  const { error_message, ...end } = outcome(span)
  const content = options.captureContent
    ? {
        arguments: structured(a, 'gen_ai.tool.call.arguments'),
        result: structured(a, 'gen_ai.tool.call.result'),
        error_message,
      }
    : {}
  const tool: SpanFacts = {
    ...shared(span),
    ...toolStep,
    payload: known({
      tool_name: text(a, 'gen_ai.tool.name') ?? /^(?:execute_tool|tools\/call) (\S+)/.exec(span.name)?.[1],
      tool_call_id: text(a, 'gen_ai.tool.call.id'),
      tool_type: text(a, 'gen_ai.tool.type'),
      ...end,
      ...content,
    }),
  }
  const transfer = transferTo(span)
  return transfer === undefined ? [tool] : [tool, transfer]
}

/** The *agent as a tool* refinement of execute_tool: control or a task goes to another agent. */
function transferTo(span: SpanRecord): SpanFacts | undefined {
  const target = text(span.attributes, 'gen_ai.transfer.target.name')
  if (target === undefined || text(span.attributes, 'gen_ai.transfer.target.type') === 'human') return undefined
  const mode = text(span.attributes, 'gen_ai.transfer.mode')
  return {
    ...shared(span),
    finishedType: 'agent_collaboration',
    target: namedAgent(target),
    timed: true,
    payload: {
      collaborating_agents: [target],
      collaboration_type: mode === 'return_to_caller' ? 'delegation' : 'handoff',
      success: outcome(span).success,
    },
  }
}

/** A plan that an agent made for itself; the model call it took is a span of its own below. */
function plan(span: SpanRecord): SpanFacts {
  const end = outcome(span)
  return {
    ...shared(span),
    finishedType: 'agent_decision',
    timed: true,
    payload: known({
      decision: 'plan',
      decision_type: 'plan',
      origin: 'extracted',
      success: end.success,
      error_type: end.error_type,
    }),
  }
}
