import type { AgentRef } from '../../events/event.ts'
import { count, flag, known, number, structured, text, texts } from '../attributes.ts'
import { identityOf, namedAgent } from '../identity.ts'
import { outcome } from '../outcome.ts'
import { normaliseProvider } from '../provider.ts'
import type { Dialect, DialectOptions, SpanFacts } from '../span-facts.ts'
import type { Attributes, SpanRecord } from '../span-record.ts'
import { totalTokens } from '../steps.ts'

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
 * still in the field (`gen_ai.system`, `prompt_tokens`, `cache_creation`).
 */
export const genAi: Dialect = (span, options) => {
  const operation = text(span.attributes, 'gen_ai.operation.name')
  if (operation === undefined) return null
  if (modelOperations.has(operation)) return [modelCall(span, operation, options)]
  if (operation === 'invoke_agent') return agentExecution(span, options)
  if (operation === 'execute_tool') return toolCall(span, options)
  if (operation === 'retrieval') return [retrieval(span, options)]
  return []
}

function shared(span: SpanRecord): Pick<SpanFacts, 'dialect' | 'platform' | 'sessionId' | 'userId'> {
  const { sessionId, userId } = identityOf(span.attributes)
  return {
    dialect: 'gen_ai',
    platform: platformOf(span.scope),
    sessionId,
    userId,
  }
}

/** `@opentelemetry/instrumentation-openai` → `openai`; a scope that is no instrumentation keeps its name. */
function platformOf(scope: string): string {
  if (scope === 'auren-observability') return 'auren'
  return scope.replace(/^.*[/.]instrumentation[-.]/, '') || 'opentelemetry'
}

function modelCall(span: SpanRecord, operation: string, options: DialectOptions): SpanFacts {
  const a = span.attributes
  const { error_message, ...end } = outcome(span)
  const content = options.captureContent
    ? {
        prompt: structured(a, 'gen_ai.input.messages'),
        completion: structured(a, 'gen_ai.output.messages'),
        error_message,
      }
    : {}
  return {
    ...shared(span),
    startedType: 'llm_call_started',
    finishedType: 'llm_call',
    agent: namedAgent(a),
    timed: true,
    payload: known({
      model: text(a, 'gen_ai.response.model', 'gen_ai.request.model'),
      request_model: text(a, 'gen_ai.request.model'),
      provider: normaliseProvider(text(a, 'gen_ai.provider.name', 'gen_ai.system'), span),
      operation,
      ...usage(span),
      cost: number(a, 'gen_ai.usage.cost', 'operation.cost'),
      time_to_first_token_ms: firstToken(a),
      streaming: flag(a, 'gen_ai.request.stream', 'gen_ai.is_streaming', 'llm.is_streaming'),
      ...end,
      finish_reasons: texts(a, 'gen_ai.response.finish_reasons', 'gen_ai.response.finish_reason'),
      response_id: text(a, 'gen_ai.response.id'),
      purpose: text(a, 'auren.llm.purpose'),
      ...content,
    }),
  }
}

/** Input includes cached tokens and output includes reasoning tokens, as the conventions define them. */
function usage(span: SpanRecord) {
  const a = span.attributes
  const read = count(
    a,
    'gen_ai.usage.cache_read.input_tokens',
    'gen_ai.usage.cache_read_input_tokens',
    'gen_ai.usage.cached_tokens',
    'gen_ai.usage.details.cache_read_tokens',
  )
  const written = count(
    a,
    'gen_ai.usage.cache_write.input_tokens',
    'gen_ai.usage.cache_creation.input_tokens',
    'gen_ai.usage.cache_creation_input_tokens',
    'gen_ai.usage.cache_write_input_tokens',
    'gen_ai.usage.details.cache_write_tokens',
  )
  const stated = count(a, 'gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens')
  const input = stated !== undefined && leavesCacheOut(span) ? stated + (read ?? 0) + (written ?? 0) : stated
  const output = count(a, 'gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens')
  return {
    input_tokens: input,
    output_tokens: output,
    cached_input_tokens: read,
    cache_write_tokens: written,
    reasoning_tokens: count(a, 'gen_ai.usage.reasoning.output_tokens', 'gen_ai.usage.reasoning_tokens'),
    tokens_used: totalTokens(input, output, count(a, 'gen_ai.usage.total_tokens')),
  }
}

/** OpenLLMetry's Anthropic package up to 0.27 counts as Anthropic does: without what was read from or written to the cache. */
function leavesCacheOut({ scope, scopeVersion }: SpanRecord): boolean {
  return scope === '@traceloop/instrumentation-anthropic' && /^0\.(?:1?\d|2[0-7])\./.test(scopeVersion)
}

function firstToken(a: Attributes): number | undefined {
  const seconds = number(
    a,
    'gen_ai.response.time_to_first_chunk',
    'gen_ai.client.operation.time_to_first_chunk',
    'gen_ai.server.time_to_first_token',
  )
  return seconds === undefined ? undefined : seconds * 1000
}

/** Usage on an agent span repeats what its model calls say, so none of it is read here. */
function agentExecution(span: SpanRecord, options: DialectOptions): SpanFacts[] {
  const agent = namedAgent(span.attributes) ?? agentOfName(span.name)
  if (agent === undefined) return []
  const { error_message, ...end } = outcome(span)
  return [
    {
      ...shared(span),
      startedType: 'agent_execution_started',
      finishedType: 'agent_execution_completed',
      agent,
      timed: true,
      payload: known({
        execution_result: end.success ? 'success' : 'error',
        ...end,
        model: text(span.attributes, 'gen_ai.request.model'),
        error_message: options.captureContent ? error_message : undefined,
      }),
    },
  ]
}

function agentOfName(spanName: string): AgentRef | undefined {
  const name = /^invoke_agent (.+)$/.exec(spanName)?.[1]
  return name === undefined ? undefined : { id: name, role: name }
}

function toolCall(span: SpanRecord, options: DialectOptions): SpanFacts[] {
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
    startedType: 'tool_usage_started',
    finishedType: 'tool_usage',
    agent: namedAgent(a),
    timed: true,
    payload: known({
      tool_name: text(a, 'gen_ai.tool.name') ?? /^execute_tool (\S+)/.exec(span.name)?.[1],
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
    agent: namedAgent(span.attributes),
    target: { id: target, role: target },
    timed: true,
    payload: {
      collaborating_agents: [target],
      collaboration_type: mode === 'return_to_caller' ? 'delegation' : 'handoff',
      success: outcome(span).success,
    },
  }
}

function retrieval(span: SpanRecord, options: DialectOptions): SpanFacts {
  const a = span.attributes
  const documents = structured(a, 'gen_ai.retrieval.documents')
  const { error_message, ...end } = outcome(span)
  return {
    ...shared(span),
    finishedType: 'knowledge_access',
    timed: true,
    payload: known({
      knowledge_domain: text(a, 'gen_ai.data_source.id'),
      items_accessed: Array.isArray(documents) ? documents.length : undefined,
      items_retrieved: Array.isArray(documents) ? documents.length : undefined,
      ...end,
      query: options.captureContent ? text(a, 'gen_ai.retrieval.query.text') : undefined,
      error_message: options.captureContent ? error_message : undefined,
    }),
  }
}
