import { SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api'
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api'
import { aurenAttributes } from '../../translate/dialects/auren.ts'
import { isContentCaptured } from '../content-capture.ts'
import type { SpanFinder } from './agents-context.ts'
import { modelUsage } from './agents-usage.ts'

/** The parts of the Agents SDK's trace and span that are read (`@openai/agents-core` 0.20). */
interface AgentsTrace {
  readonly traceId: string
  readonly name: string
  readonly groupId: string | null
}

interface AgentsSpan {
  readonly spanId: string
  readonly traceId: string
  readonly parentId: string | null
  readonly spanData: Readonly<Record<string, unknown>> & { readonly type: string }
  readonly error: { readonly message: string } | null
}

/** Spans open at once; beyond it the oldest is taken for abandoned, so that a leak cannot grow for ever. */
const maxOpen = 10_000

/**
 * A tracing processor of the Agents SDK: opens a span with GenAI names for each trace, agent, model call, tool and hand-off when
 * it starts and ends it when it ends. Tasks, turns and guardrails have none. Nothing here throws.
 */
export class AgentsSpans implements SpanFinder {
  readonly #tracer: () => Tracer
  readonly #open = new Map<string, Span>()
  readonly #ours = new WeakSet<Span>()

  constructor(tracer: () => Tracer) {
    this.#tracer = tracer
  }

  find(id: string): Span | undefined {
    return this.#open.get(id)
  }

  onTraceStart({ traceId, name, groupId }: AgentsTrace): Promise<void> {
    this.#start(traceId, `invoke_workflow ${name}`, SpanKind.INTERNAL, context.active(), {
      'gen_ai.operation.name': 'invoke_workflow',
      'gen_ai.workflow.name': name,
      ...(groupId === null ? {} : { 'gen_ai.conversation.id': groupId }),
    })
    return Promise.resolve()
  }

  onTraceEnd({ traceId }: AgentsTrace): Promise<void> {
    this.#end(traceId)
    return Promise.resolve()
  }

  onSpanStart(span: AgentsSpan): Promise<void> {
    const begin = beginnings[span.spanData.type]
    if (begin === undefined) return Promise.resolve()
    const { name, kind = SpanKind.INTERNAL, attributes } = begin(span.spanData)
    const started = this.#start(span.spanId, name, kind, this.#parent(span), attributes)
    // The SDK names the model just after starting the span.
    queueMicrotask(() => started.setAttributes(requestModel(span.spanData)))
    return Promise.resolve()
  }

  onSpanEnd({ spanId, spanData, error }: AgentsSpan): Promise<void> {
    const span = this.#open.get(spanId)
    if (span === undefined) return Promise.resolve()
    if (error !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
    span.setAttributes(endings[spanData.type]?.(spanData) ?? {})
    this.#end(spanId)
    return Promise.resolve()
  }

  shutdown(): Promise<void> {
    return Promise.resolve()
  }

  forceFlush(): Promise<void> {
    return Promise.resolve()
  }

  /** With our storage the active context knows it; without, as in older versions, the SDK's parent does, or the trace. */
  #parent({ parentId, traceId }: AgentsSpan): Context {
    const active = context.active()
    const above = trace.getSpan(active)
    if (above !== undefined && this.#ours.has(above)) return active
    const known = (parentId === null ? undefined : this.#open.get(parentId)) ?? this.#open.get(traceId)
    return known === undefined ? active : trace.setSpan(active, known)
  }

  #start(id: string, name: string, kind: SpanKind, parent: Context, attributes: Attributes): Span {
    const span = this.#tracer().startSpan(name, { kind, attributes }, parent)
    this.#open.set(id, span)
    this.#ours.add(span)
    const oldest = this.#open.size > maxOpen ? this.#open.keys().next().value : undefined
    if (oldest !== undefined) this.#end(oldest)
    return span
  }

  #end(id: string): void {
    this.#open.get(id)?.end()
    this.#open.delete(id)
  }
}

type SpanData = AgentsSpan['spanData']

interface Beginning {
  readonly name: string
  readonly kind?: SpanKind
  readonly attributes: Attributes
}

const modelCall = (provider: Attributes): Beginning => ({
  name: 'chat',
  kind: SpanKind.CLIENT,
  attributes: { 'gen_ai.operation.name': 'chat', ...provider },
})

/** Type of the SDK's span → the span to open. */
const beginnings: Readonly<Record<string, (data: SpanData) => Beginning>> = {
  agent: ({ name }) => ({
    name: `invoke_agent ${text(name)}`,
    attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': text(name) },
  }),
  function: ({ name }) => ({
    name: `execute_tool ${text(name)}`,
    attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': text(name) },
  }),
  // The Responses API is OpenAI's; a generation may be of any provider.
  response: () => modelCall({ 'gen_ai.provider.name': 'openai' }),
  generation: () => modelCall({}),
  handoff: () => ({ name: 'handoff', attributes: {} }),
}

/** Type of the SDK's span → what is known when it ends. */
const endings: Readonly<Record<string, (data: SpanData) => Attributes>> = {
  response: modelUsage,
  generation: modelUsage,
  function: ({ input, output }) =>
    isContentCaptured() ? { 'gen_ai.tool.call.arguments': text(input), 'gen_ai.tool.call.result': text(output) } : {},
  handoff: ({ from_agent: from, to_agent: to }) => (typeof to === 'string' ? handoff(text(from), to) : {}),
}

function handoff(from: string, to: string): Attributes {
  const payload = { primary_agent: from, collaborating_agents: [to], collaboration_type: 'handoff' }
  return {
    [aurenAttributes.eventType]: 'agent_collaboration',
    [aurenAttributes.payload]: JSON.stringify(payload),
    [aurenAttributes.target]: JSON.stringify({ id: to, role: to }),
    [aurenAttributes.timed]: true,
  }
}

function requestModel({ model }: SpanData): Attributes {
  return typeof model === 'string' ? { 'gen_ai.request.model': model } : {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
