import { count, known, number, structured, text, texts } from '../attributes.ts'
import { outcome } from '../outcome.ts'
import { normaliseProvider } from '../provider.ts'
import type { Dialect, DialectOptions, SpanFacts } from '../span-facts.ts'
import type { Attributes, SpanRecord } from '../span-record.ts'
import { agentExecution, modelStep, namedAgent, toolStep, totalTokens } from '../steps.ts'

/** Outer spans of a generation: with a `functionId` they are the agent. Embeddings have one too, but are no agent. */
const agentOperations = new Set(['ai.generateText', 'ai.streamText', 'ai.generateObject', 'ai.streamObject'])
/** Inner spans: the call to the provider. The outer ones repeat its usage. */
const modelOperation = /\.(?:doGenerate|doStream|doEmbed)$/

/**
 * The Vercel AI SDK 5 and 6, and the legacy telemetry of 7 (scope `ai`, keys `ai.*`). Version 7 writes the GenAI conventions,
 * and is read by that dialect.
 */
export const aiSdk: Dialect = (span, options) => {
  const operation = text(span.attributes, 'ai.operationId')
  if (operation === undefined) return null
  if (modelOperation.test(operation)) return [modelCall(span, operation, options)]
  if (operation === 'ai.toolCall') return [toolCall(span, options)]
  if (agentOperations.has(operation)) return generation(span, options)
  return []
}

function shared(span: SpanRecord): Pick<SpanFacts, 'dialect' | 'platform' | 'sessionId' | 'userId'> {
  return {
    dialect: 'ai_sdk',
    platform: 'ai',
    sessionId: text(span.attributes, 'ai.telemetry.metadata.sessionId', 'ai.telemetry.metadata.conversationId'),
    userId: text(span.attributes, 'ai.telemetry.metadata.userId'),
  }
}

function modelCall(span: SpanRecord, operation: string, options: DialectOptions): SpanFacts {
  const a = span.attributes
  const { error_message, ...end } = outcome(span)
  const content = options.captureContent
    ? { prompt: structured(a, 'ai.prompt.messages'), completion: structured(a, 'ai.response.text'), error_message }
    : {}
  return {
    ...shared(span),
    ...modelStep,
    payload: known({
      model: text(a, 'gen_ai.response.model', 'ai.response.model', 'ai.model.id'),
      request_model: text(a, 'ai.model.id', 'gen_ai.request.model'),
      provider: normaliseProvider(text(a, 'ai.model.provider'), span),
      operation: operation.endsWith('doEmbed') ? 'embeddings' : 'chat',
      ...usage(a),
      time_to_first_token_ms: number(a, 'ai.response.msToFirstChunk', 'ai.stream.msToFirstChunk'),
      streaming: operation.endsWith('doEmbed') ? undefined : operation.endsWith('doStream'),
      ...end,
      finish_reasons: texts(a, 'gen_ai.response.finish_reasons', 'ai.response.finishReason'),
      response_id: text(a, 'gen_ai.response.id', 'ai.response.id'),
      ...content,
    }),
  }
}

function usage(a: Attributes) {
  const input = count(
    a,
    'gen_ai.usage.input_tokens',
    'ai.usage.inputTokens',
    'ai.usage.promptTokens',
    'ai.usage.tokens',
  )
  const output = count(a, 'gen_ai.usage.output_tokens', 'ai.usage.outputTokens', 'ai.usage.completionTokens')
  return {
    input_tokens: input,
    output_tokens: output,
    cached_input_tokens: count(a, 'ai.usage.cachedInputTokens', 'ai.usage.inputTokenDetails.cacheReadTokens'),
    cache_write_tokens: count(a, 'ai.usage.inputTokenDetails.cacheWriteTokens'),
    reasoning_tokens: count(a, 'ai.usage.reasoningTokens', 'ai.usage.outputTokenDetails.reasoningTokens'),
    tokens_used: totalTokens(input, output, count(a, 'ai.usage.totalTokens')),
  }
}

function toolCall(span: SpanRecord, options: DialectOptions): SpanFacts {
  const a = span.attributes
  const { error_message, ...end } = outcome(span)
  const content = options.captureContent
    ? { arguments: structured(a, 'ai.toolCall.args'), result: structured(a, 'ai.toolCall.result'), error_message }
    : {}
  return {
    ...shared(span),
    ...toolStep,
    payload: known({
      tool_name: text(a, 'ai.toolCall.name'),
      tool_call_id: text(a, 'ai.toolCall.id'),
      ...end,
      ...content,
    }),
  }
}

function generation(span: SpanRecord, options: DialectOptions): SpanFacts[] {
  const name = text(span.attributes, 'ai.telemetry.functionId')
  if (name === undefined) return []
  return [{ ...shared(span), ...agentExecution(span, namedAgent(name), options) }]
}
