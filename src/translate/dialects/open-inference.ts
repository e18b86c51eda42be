import { count, flag, known, number, structured, text } from '../attributes.ts'
import { outcome } from '../outcome.ts'
import { normaliseProvider } from '../provider.ts'
import type { Dialect, DialectOptions, SpanFacts } from '../span-facts.ts'
import type { Attributes, SpanRecord } from '../span-record.ts'
import { agentExecution, modelStep, namedAgent, totalTokens } from '../steps.ts'
import { agentGraph, chatAnswer, runMetadata } from './langchain.ts'
import { shared, shown } from './open-inference-shared.ts'
import { toolCall } from './open-inference-tool.ts'

/**
 * OpenInference (Arize): `openinference.span.kind` and flat `llm.*`, `tool.*` keys. Where a span speaks the GenAI
 * conventions as well, those have the say, since its kinds are coarser.
 */
export const openInference: Dialect = (span, options) => {
  const kind = text(span.attributes, 'openinference.span.kind')
  if (kind === undefined || text(span.attributes, 'gen_ai.operation.name') !== undefined) return null
  if (kind === 'LLM' || kind === 'EMBEDDING') return [modelCall(span, kind, options)]
  if (kind === 'TOOL') return toolCall(span, options)
  if (kind === 'AGENT' || kind === 'CHAIN') return agentOrChain(span, kind, options)
  if (kind === 'RETRIEVER') return [retrieval(span, options)]
  if (kind === 'GUARDRAIL') return guardrail(span)
  return []
}

function modelCall(span: SpanRecord, kind: string, options: DialectOptions): SpanFacts {
  const a = span.attributes
  const { error_message, ...end } = outcome(span)
  const finish = text(a, 'llm.finish_reason')
  const metadata = runMetadata(a)
  const answer = chatAnswer(structured(a, 'output.value'))
  const content = options.captureContent
    ? { prompt: shown(a, 'input.value'), completion: shown(a, 'output.value'), error_message }
    : {}
  return {
    ...shared(span),
    ...modelStep,
    payload: known({
      model: text(a, 'llm.response.model_name') ?? answer.model ?? text(a, 'llm.model_name', 'embedding.model_name'),
      request_model:
        text(a, 'llm.request.model_name') ??
        parameter(a, 'model') ??
        text(a, 'embedding.model_name') ??
        text(metadata, 'ls_model_name'),
      provider: normaliseProvider(text(a, 'llm.provider', 'llm.system') ?? text(metadata, 'ls_provider'), span),
      operation: kind === 'EMBEDDING' ? 'embeddings' : 'chat',
      ...usage(a),
      cost: number(a, 'llm.cost.total'),
      time_to_first_token_ms: firstToken(span),
      streaming: flag({ stream: parameter(a, 'stream') }, 'stream'),
      ...end,
      finish_reasons: finish === undefined ? undefined : [finish === 'stop' && asksForTools(a) ? 'tool_calls' : finish],
      response_id: answer.responseId ?? responseId(a),
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

/**
 * From the call's parameters, a JSON text that may hold whole tool schemas and be cut: it is searched and not parsed. The
 * Agents SDK has the answer there, which begins with its id.
 */
function parameter(a: Attributes, key: 'model' | 'stream'): string | undefined {
  const parameters = text(a, 'llm.invocation_parameters') ?? ''
  return parameters.startsWith('{"id":') ? undefined : new RegExp(`"${key}": ?"?([^",}]+)`).exec(parameters)?.[1]
}

/** The answer as it came: its id is the first thing in it. */
function responseId(a: Attributes): string | undefined {
  return /^\{"id": ?"((?:chatcmpl|resp|msg)[-_][^"]+)"/.exec(text(a, 'output.value') ?? '')?.[1]
}

/** The Agents SDK writes `stop` for every answer, also for one that asks for tools. */
function asksForTools(a: Attributes): boolean {
  return Object.keys(a).some((key) => /^llm\.output_messages\.\d+\.message\.tool_calls\./.test(key))
}

/**
 * An AGENT span is an agent when it is a node of the agent graph: the Agents SDK marks the trace's root as one too. LangChain
 * has chains: the one that is named like its agent is the agent, and a graph is one if the tree shows it.
 */
function agentOrChain(span: SpanRecord, kind: string, options: DialectOptions): SpanFacts[] {
  const a = span.attributes
  const stated = kind === 'AGENT' ? text(a, 'agent.name', 'graph.node.id') : chainAgent(span)
  if (stated !== undefined) return [{ ...shared(span), ...agentExecution(span, namedAgent(stated), options) }]
  const graph = agentGraph(span)
  if (graph === undefined) return []
  return [{ ...shared(span), ...agentExecution(span, namedAgent(span.name), options), agentGraph: graph }]
}

function chainAgent(span: SpanRecord): string | undefined {
  return text(runMetadata(span.attributes), 'lc_agent_name') === span.name ? span.name : undefined
}

/** A check of input or output that stops the run when it is triggered. */
function guardrail(span: SpanRecord): SpanFacts[] {
  const triggered = flag(span.attributes, 'guardrail.triggered')
  if (triggered === undefined) return []
  const payload = {
    decision: triggered ? 'stop' : 'pass',
    decision_type: 'guardrail',
    guardrail: span.name,
    origin: 'extracted',
  }
  return [{ ...shared(span), finishedType: 'agent_decision', timed: false, payload }]
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
