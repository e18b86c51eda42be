import { count, known, structured, text } from '../attributes.ts'
import { outcome } from '../outcome.ts'
import { normaliseProvider } from '../provider.ts'
import type { Dialect, DialectOptions, SpanFacts } from '../span-facts.ts'
import type { Attributes, SpanRecord } from '../span-record.ts'
import { agentExecution, modelStep, namedAgent, toolStep, totalTokens } from '../steps.ts'

/**
 * Genkit: `genkit:*` keys. Flows are its agents. What a call used is only inside the JSON of its output; `generate` spans
 * repeat it, once more for every turn with tools, so that model actions alone are read.
 */
export const genkit: Dialect = (span, options) => {
  const subtype = text(span.attributes, 'genkit:metadata:subtype')
  if (subtype === undefined) return text(span.attributes, 'genkit:type') === undefined ? null : []
  switch (subtype) {
    case 'model':
    case 'background-model':
    case 'embedder':
      return [modelCall(span, subtype, options)]
    case 'tool':
    case 'tool.v2':
      return [toolCall(span, options)]
    case 'retriever':
      return [retrieval(span, options)]
    case 'flow':
      return [{ ...shared, ...agentExecution(span, namedAgent(actionName(span)), options) }]
    default:
      return []
  }
}

const shared = { dialect: 'genkit', platform: 'genkit' } as const

function actionName(span: SpanRecord): string {
  return text(span.attributes, 'genkit:name') ?? span.name
}

/** `provider/model`: the plugin that the model comes from, and its name there. */
function modelCall(span: SpanRecord, subtype: string, options: DialectOptions): SpanFacts {
  const [plugin, ...rest] = actionName(span).split('/')
  const requested = rest.length > 0 ? rest.join('/') : plugin
  const output = asFields(structured(span.attributes, 'genkit:output'))
  const raw = asFields(output['raw'])
  const { error_message, ...end } = outcome(span)
  const finish = text(output, 'finishReason')
  return {
    ...shared,
    ...modelStep,
    payload: known({
      model: text(raw, 'model', 'modelVersion') ?? requested,
      request_model: requested,
      provider: rest.length > 0 ? normaliseProvider(plugin, span) : undefined,
      operation: subtype === 'embedder' ? 'embeddings' : 'chat',
      ...usage(span, output, raw),
      ...end,
      finish_reasons:
        finish === undefined ? undefined : [finish === 'stop' && asksForTools(output) ? 'tool_calls' : finish],
      response_id: text(raw, 'id', 'responseId'),
      ...(options.captureContent
        ? {
            prompt: asFields(structured(span.attributes, 'genkit:input'))['messages'],
            completion: output['message'],
            error_message,
          }
        : {}),
    }),
  }
}

/** Genkit's own count has neither cached nor reasoning tokens for OpenAI-compatible models; the answer it wraps has them. */
function usage(span: SpanRecord, output: Attributes, raw: Attributes) {
  const stated = 'usage' in output ? asFields(output['usage']) : usageInCutText(span.attributes['genkit:output'])
  const answered = asFields(raw['usage'])
  const input = count(stated, 'inputTokens')
  const outputTokens = count(stated, 'outputTokens')
  return {
    input_tokens: input,
    output_tokens: outputTokens,
    cached_input_tokens:
      count(stated, 'cachedContentTokens') ?? count(asFields(answered['prompt_tokens_details']), 'cached_tokens'),
    reasoning_tokens:
      count(stated, 'thoughtsTokens') ?? count(asFields(answered['completion_tokens_details']), 'reasoning_tokens'),
    tokens_used: totalTokens(input, outputTokens, count(stated, 'totalTokens')),
  }
}

/** A long output is cut at a size limit and is no JSON any more; a quote in what the model said is escaped, so is never taken for these. */
function usageInCutText(output: unknown): Attributes {
  if (typeof output !== 'string') return {}
  const numbers = output.matchAll(/(?<!\\)"(inputTokens|outputTokens|thoughtsTokens|totalTokens)":(\d+)/g)
  return Object.fromEntries([...numbers].map(([, key = '', value]) => [key, value] as const))
}

/** Genkit calls every answer a stop, also one that asks for tools. */
function asksForTools(output: Attributes): boolean {
  const content = asFields(output['message'])['content']
  return Array.isArray(content) && content.some((part) => 'toolRequest' in asFields(part))
}

function toolCall(span: SpanRecord, options: DialectOptions): SpanFacts {
  const { error_message, ...end } = outcome(span)
  const content = options.captureContent
    ? {
        arguments: structured(span.attributes, 'genkit:input'),
        result: structured(span.attributes, 'genkit:output'),
        error_message,
      }
    : {}
  return { ...shared, ...toolStep, payload: known({ tool_name: actionName(span), ...end, ...content }) }
}

function retrieval(span: SpanRecord, options: DialectOptions): SpanFacts {
  const { error_message, ...end } = outcome(span)
  const documents = asFields(structured(span.attributes, 'genkit:output'))['documents']
  const found = Array.isArray(documents) ? documents.length : undefined
  return {
    ...shared,
    finishedType: 'knowledge_access',
    timed: true,
    payload: known({
      source: actionName(span),
      items_accessed: found,
      items_retrieved: found,
      ...end,
      ...(options.captureContent ? { query: structured(span.attributes, 'genkit:input'), error_message } : {}),
    }),
  }
}

function asFields(value: unknown): Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Attributes) : {}
}
