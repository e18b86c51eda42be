import { count, known, number, structured, text } from '../attributes.ts'
import { outcome } from '../outcome.ts'
import { normaliseProvider } from '../provider.ts'
import type { Dialect, DialectOptions, SpanFacts } from '../span-facts.ts'
import type { Attributes, SpanRecord } from '../span-record.ts'
import { agentExecution, handoff, modelStep, namedAgent, toolStep, totalTokens } from '../steps.ts'

/** What OpenInference writes in place of a value that its user hides. */
const hidden = '__REDACTED__'

/**
 * OpenInference (Arize): `openinference.span.kind` and flat `llm.*`, `tool.*` keys. Where a span speaks the GenAI
 * conventions as well, those have the say, since its kinds are coarser.
 */
export const openInference: Dialect = (span, options) => {
  const kind = text(span.attributes, 'openinference.span.kind')
  if (kind === undefined || text(span.attributes, 'gen_ai.operation.name') !== undefined) return null
  if (kind === 'LLM' || kind === 'EMBEDDING') return [modelCall(span, kind, options)]
  if (kind === 'TOOL') return toolCall(span, options)
  if (kind === 'AGENT' || kind === 'CHAIN') return agentOrChain(span, kind)
  if (kind === 'RETRIEVER') return [retrieval(span, options)]
  return []
}

function shared(span: SpanRecord): Pick<SpanFacts, 'dialect' | 'platform' | 'sessionId' | 'userId'> {
  return {
    dialect: 'openinference',
    platform: span.scope.replace(/^.*instrumentation[-.]/, ''),
    sessionId: text(span.attributes, 'session.id'),
    userId: text(span.attributes, 'user.id'),
  }
}

function modelCall(span: SpanRecord, kind: string, options: DialectOptions): SpanFacts {
  const a = span.attributes
  const { error_message, ...end } = outcome(span)
  const finish = text(a, 'llm.finish_reason')
  const content = options.captureContent
    ? { prompt: shown(a, 'input.value'), completion: shown(a, 'output.value'), error_message }
    : {}
  return {
    ...shared(span),
    ...modelStep,
    payload: known({
      model: text(a, 'llm.response.model_name', 'llm.model_name', 'embedding.model_name'),
      request_model: text(a, 'llm.request.model_name', 'llm.model_name', 'embedding.model_name'),
      provider: normaliseProvider(text(a, 'llm.provider', 'llm.system'), span),
      operation: kind === 'EMBEDDING' ? 'embeddings' : 'chat',
      ...usage(a),
      cost: number(a, 'llm.cost.total'),
      time_to_first_token_ms: firstToken(span),
      ...end,
      finish_reasons: finish === undefined ? undefined : [finish],
      ...content,
    }),
  }
}

/** The prompt count includes cached tokens, also for Anthropic, whose API counts them apart. */
function usage(a: Attributes) {
  const input = count(a, 'llm.token_count.prompt')
  const output = count(a, 'llm.token_count.completion')
  return {
    input_tokens: input,
    output_tokens: output,
    cached_input_tokens: count(a, 'llm.token_count.prompt_details.cache_read'),
    cache_write_tokens: count(a, 'llm.token_count.prompt_details.cache_write'),
    reasoning_tokens: count(a, 'llm.token_count.completion_details.reasoning'),
    tokens_used: totalTokens(input, output, count(a, 'llm.token_count.total')),
  }
}

/** There is no attribute for it, only an event of the span. */
function firstToken(span: SpanRecord): number | undefined {
  const first = span.events.find(({ name }) => name === 'First Token Stream Event')
  return first && Math.max(0, first.timeMs - span.startMs)
}

/** A tool; the OpenAI Agents SDK also has hand-offs of this kind, which say from whom and to whom. */
function toolCall(span: SpanRecord, options: DialectOptions): SpanFacts[] {
  const a = span.attributes
  const { error_message, ...end } = outcome(span)
  const passedOn = handoffOf(span)
  if (passedOn !== undefined) return [passedOn]
  const content = options.captureContent
    ? { arguments: shown(a, 'input.value'), result: shown(a, 'output.value'), error_message }
    : {}
  return [
    {
      ...shared(span),
      ...toolStep,
      payload: known({
        tool_name: text(a, 'tool.name') ?? span.name,
        tool_call_id: text(a, 'tool.id'),
        ...end,
        ...content,
      }),
    },
  ]
}

function handoffOf(span: SpanRecord): SpanFacts | undefined {
  const target = /^handoff to (.+)$/.exec(span.name)?.[1]
  if (target === undefined) return undefined
  const from = structured(span.attributes, 'input.value')
  const source = typeof from === 'object' && from !== null ? (from as { from_agent?: unknown }).from_agent : from
  return {
    ...shared(span),
    ...handoff(span, target),
    agent: typeof source === 'string' && source !== '' && source !== hidden ? namedAgent(source) : undefined,
  }
}

/**
 * An AGENT span is an agent when it is a node of the agent graph: the Agents SDK marks the trace's root as one too. LangChain
 * has chains only; the one that is named like its agent is the agent.
 */
function agentOrChain(span: SpanRecord, kind: string): SpanFacts[] {
  const a = span.attributes
  const name = kind === 'AGENT' ? text(a, 'agent.name', 'graph.node.id') : chainAgent(span)
  if (name === undefined) return []
  return [{ ...shared(span), ...agentExecution(span, namedAgent(name)) }]
}

function chainAgent(span: SpanRecord): string | undefined {
  const metadata = structured(span.attributes, 'metadata')
  if (typeof metadata !== 'object' || metadata === null) return undefined
  return (metadata as { lc_agent_name?: unknown }).lc_agent_name === span.name ? span.name : undefined
}

function retrieval(span: SpanRecord, options: DialectOptions): SpanFacts {
  const { error_message: _, ...end } = outcome(span)
  const documents = new Set(
    Object.keys(span.attributes).flatMap((key) => /^retrieval\.documents\.(\d+)\./.exec(key)?.[1] ?? []),
  )
  return {
    ...shared(span),
    finishedType: 'knowledge_access',
    timed: true,
    payload: known({
      source: span.name,
      items_accessed: documents.size,
      items_retrieved: documents.size,
      ...end,
      query: options.captureContent ? shown(span.attributes, 'input.value') : undefined,
    }),
  }
}

function shown(a: Attributes, key: string): unknown {
  const value = structured(a, key)
  return value === hidden ? undefined : value
}
