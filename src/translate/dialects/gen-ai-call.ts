import { count, flag, number, structured, text, texts } from '../attributes.ts'
import { outcome } from '../outcome.ts'
import { normaliseProvider } from '../provider.ts'
import type { DialectOptions, SpanFacts } from '../span-facts.ts'
import type { Attributes, SpanRecord } from '../span-record.ts'
import { modelStep, totalTokens } from '../steps.ts'
import { shared } from './gen-ai-shared.ts'

/** One call to a model in the GenAI conventions: chat, completion or embeddings. */
export function modelCall(span: SpanRecord, operation: string, options: DialectOptions): SpanFacts {
  const asked = request(span, operation, options)
  // Each missing attribute takes its time: what only an answer can tell is not looked for before there is one.
  return {
    ...shared(span),
    ...modelStep,
    payload: span.endMs === null ? asked : { ...asked, ...answer(span, options) },
  }
}

function request(span: SpanRecord, operation: string, { captureContent }: DialectOptions) {
  const a = span.attributes
  return {
    model: text(a, 'gen_ai.response.model', 'gen_ai.request.model'),
    request_model: text(a, 'gen_ai.request.model'),
    provider: normaliseProvider(text(a, 'gen_ai.provider.name', 'gen_ai.system'), span),
    operation,
    streaming: streaming(a),
    purpose: text(a, 'auren.llm.purpose'),
    prompt: captureContent ? structured(a, 'gen_ai.input.messages') : undefined,
  }
}

function answer(span: SpanRecord, { captureContent }: DialectOptions) {
  const a = span.attributes
  const { success, error_type, error_message } = outcome(span)
  const { input, output, read, written, reasoning } = usage(span)
  return {
    input_tokens: input,
    output_tokens: output,
    cached_input_tokens: read,
    cache_write_tokens: written,
    reasoning_tokens: reasoning,
    tokens_used: totalTokens(input, output, count(a, 'gen_ai.usage.total_tokens')),
    cost: number(a, 'gen_ai.usage.cost', 'operation.cost'),
    time_to_first_token_ms: firstToken(a),
    success,
    error_type,
    finish_reasons: texts(
      a,
      'gen_ai.response.finish_reasons',
      'gen_ai.response.finish_reason',
      'anthropic.message.stop_reason',
    ),
    response_id: text(a, 'gen_ai.response.id'),
    completion: captureContent ? structured(a, 'gen_ai.output.messages') : undefined,
    error_message: captureContent ? error_message : undefined,
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
  const reasoning = count(
    a,
    'gen_ai.usage.reasoning.output_tokens',
    'gen_ai.usage.reasoning_tokens',
    'ai.usage.outputTokenDetails.reasoningTokens',
  )
  return { input, output, read, written, reasoning }
}

/** OpenLLMetry's Anthropic package up to 0.27 counts as Anthropic does: without what was read from or written to the cache. */
function leavesCacheOut({ scope, scopeVersion }: SpanRecord): boolean {
  return scope === '@traceloop/instrumentation-anthropic' && /^0\.(?:1?\d|2[0-7])\./.test(scopeVersion)
}

/** A time to the first chunk is measured of streams alone. */
function streaming(a: Attributes): boolean | undefined {
  const stated = flag(a, 'gen_ai.request.stream', 'gen_ai.is_streaming', 'llm.is_streaming')
  const hasChunks = number(a, 'gen_ai.response.time_to_first_chunk', 'gen_ai.client.operation.time_to_first_chunk')
  return stated ?? (hasChunks === undefined ? undefined : true)
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
