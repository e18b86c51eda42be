import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { childrenFirst } from '../../src/exporters/children-first.ts'
import { SpanTranslator } from '../../src/translate/span-to-events.ts'
import type { SpanRecord } from '../../src/translate/span-record.ts'
import { aSpan } from '../support/spans.ts'

type Shape = Partial<SpanRecord> & Pick<SpanRecord, 'attributes'>

/** How a dialect shows an agent, which repeats what its calls used or states a sum of its own, a model call, and the rest. */
interface Dialect {
  readonly agent: (name: string, ownTokens: number) => Shape
  readonly call: (tokens: number) => Shape
  readonly other: (tokens: number) => Shape
  /** Whether the agent's sum tells of calls that no span shows. */
  readonly countsUnseen?: boolean
}

const usage = (tokens: number) => ({ 'gen_ai.usage.input_tokens': tokens, 'gen_ai.usage.output_tokens': 0 })
const genAi = (operation: string, more: object = {}) => ({ 'gen_ai.operation.name': operation, ...more })
const chat = (tokens: number) => ({ attributes: genAi('chat', usage(tokens)) })
const openInference = (kind: string, more: object = {}) => ({ 'openinference.span.kind': kind, ...more })
const llm = (tokens: number) =>
  openInference('LLM', { 'llm.token_count.prompt': tokens, 'llm.token_count.completion': 0 })
const output = (tokens: number) => JSON.stringify({ usage: { inputTokens: tokens, outputTokens: 0 } })
const genkit = (subtype: string, more: object = {}) => ({
  'genkit:type': 'action',
  'genkit:metadata:subtype': subtype,
  ...more,
})
const voltAgent = { scope: '@voltagent/core' }
const entity = (name: string) => ({ 'entity.type': 'agent', 'entity.id': name, 'entity.name': name })

const dialects: Record<string, Dialect> = {
  'the GenAI conventions': {
    agent: (name, tokens) => ({ attributes: genAi('invoke_agent', { 'gen_ai.agent.name': name, ...usage(tokens) }) }),
    call: chat,
    other: (tokens) => ({ attributes: genAi('invoke_workflow', usage(tokens)) }),
  },
  Mastra: {
    agent: (name, tokens) => ({
      attributes: genAi('invoke_agent', {
        'mastra.span.type': 'agent_run',
        'gen_ai.agent.name': name,
        ...usage(tokens),
      }),
    }),
    call: (tokens) => ({ attributes: genAi('chat', { 'mastra.span.type': 'model_inference', ...usage(tokens) }) }),
    other: (tokens) => ({ attributes: genAi('agent_step', { 'mastra.span.type': 'model_step', ...usage(tokens) }) }),
  },
  'the AI SDK': {
    agent: (name, tokens) => ({
      attributes: {
        'ai.operationId': 'ai.generateText',
        'ai.telemetry.functionId': name,
        'ai.usage.inputTokens': tokens,
      },
    }),
    call: (tokens) => ({ attributes: { 'ai.operationId': 'ai.generateText.doGenerate', ...usage(tokens) } }),
    other: (tokens) => ({ attributes: { 'ai.operationId': 'ai.generateText', 'ai.usage.inputTokens': tokens } }),
  },
  'OpenInference, agents of the Agents SDK': {
    agent: (name, tokens) => ({ attributes: { ...llm(tokens), ...openInference('AGENT', { 'graph.node.id': name }) } }),
    call: (tokens) => ({ attributes: llm(tokens) }),
    other: (tokens) => ({ attributes: { ...llm(tokens), ...openInference('CHAIN') } }),
  },
  'OpenInference, agents of LangChain': {
    agent: (name, tokens) => ({
      name,
      attributes: { ...llm(tokens), ...openInference('CHAIN', { metadata: JSON.stringify({ lc_agent_name: name }) }) },
    }),
    call: (tokens) => ({ attributes: llm(tokens) }),
    other: () => ({ name: 'tools', attributes: openInference('CHAIN', { metadata: '{"langgraph_node":"tools"}' }) }),
  },
  OpenLLMetry: {
    agent: (name, tokens) => ({
      attributes: { 'traceloop.span.kind': 'agent', 'gen_ai.agent.name': name, ...usage(tokens) },
    }),
    call: chat,
    other: (tokens) => ({ attributes: { 'traceloop.span.kind': 'task', ...genAi('invoke_agent', usage(tokens)) } }),
  },
  Genkit: {
    agent: (name, tokens) => ({ attributes: genkit('flow', { 'genkit:name': name, 'genkit:output': output(tokens) }) }),
    call: (tokens) => ({ attributes: genkit('model', { 'genkit:name': 'lab/m', 'genkit:output': output(tokens) }) }),
    other: (tokens) => ({ attributes: { 'genkit:type': 'util', 'genkit:output': output(tokens) } }),
  },
  VoltAgent: {
    agent: (name, tokens) => ({
      ...voltAgent,
      attributes: { ...entity(name), 'usage.prompt_tokens': tokens + 7, 'usage.completion_tokens': 0 },
    }),
    call: (tokens) => ({
      ...voltAgent,
      attributes: { 'span.type': 'llm', 'llm.usage.prompt_tokens': tokens, 'llm.usage.completion_tokens': 0 },
    }),
    other: () => ({ ...voltAgent, attributes: { 'span.type': 'guardrail' } }),
    countsUnseen: true,
  },
}

/** Spans below a root agent, each under an earlier one that can have children. */
const tree = fc.array(
  fc.record({
    kind: fc.constantFrom('agent', 'call', 'other'),
    parent: fc.nat(),
    tokens: fc.integer({ min: 1, max: 99 }),
  }),
  { maxLength: 30 },
)

interface Step {
  readonly kind: string
  readonly tokens: number
  readonly spanId: string
  readonly parentSpanId: string | null
}

function grow(nodes: readonly { kind: string; parent: number; tokens: number }[]): Step[] {
  const steps: Step[] = [{ kind: 'agent', tokens: 0, spanId: aSpan().spanId, parentSpanId: null }]
  for (const { kind, parent, tokens } of nodes) {
    const parents = steps.filter((step) => step.kind !== 'call')
    const parentSpanId = parents[parent % parents.length]?.spanId ?? null
    steps.push({ kind, tokens, spanId: aSpan().spanId, parentSpanId })
  }
  return steps
}

/** What an agent's own calls used: those below it with no other agent between. */
function ownTokens(steps: readonly Step[], agent: Step): number {
  const owner = (step: Step): Step | undefined => {
    const parent = steps.find(({ spanId }) => spanId === step.parentSpanId)
    return parent === undefined || parent.kind === 'agent' ? parent : owner(parent)
  }
  return steps
    .filter((step) => step.kind === 'call' && owner(step) === agent)
    .reduce((sum, { tokens }) => sum + tokens, 0)
}

function spansOf(dialect: Dialect, steps: readonly Step[]): SpanRecord[] {
  return steps.map((step, index) => {
    const own = ownTokens(steps, step)
    const shape =
      step.kind === 'agent'
        ? dialect.agent(`agent-${index}`, own)
        : step.kind === 'call'
          ? dialect.call(step.tokens)
          : dialect.other(999)
    const { attributes, ...more } = shape
    return aSpan(attributes, { ...more, spanId: step.spanId, parentSpanId: step.parentSpanId })
  })
}

function totalOf(events: readonly AurenEvent[], root: SpanRecord | undefined) {
  const done = events.find(
    (event) => event.span_id === root?.spanId && event.event_type === 'agent_execution_completed',
  )
  const leaves = events.filter(({ event_type: type }) => type === 'llm_call')
  return {
    run: Number(done?.payload['own_cost']) + Number(done?.payload['delegated_cost']),
    leaves: leaves.reduce((sum, { payload }) => sum + Number(payload['cost']), 0),
    counted: leaves.length,
  }
}

/** A token is a cent. */
const price = ({ inputTokens }: { inputTokens?: number | undefined }) => (inputTokens ?? 0) / 100

describe.each(Object.entries(dialects))('the bill in %s', (_name, dialect) => {
  it('is the sum of the leaf calls, whatever the tree, whatever parents repeat, and however late agents come', () => {
    fc.assert(
      fc.property(tree, fc.boolean(), (nodes, isReadWhole) => {
        const steps = grow(nodes)
        const spans = spansOf(dialect, steps)
        const translator = new SpanTranslator({ captureContent: false, tenantId: null, price })
        if (isReadWhole) for (const span of spans) translator.enter(span)
        const total = totalOf(
          childrenFirst(spans).flatMap((span) => translator.ended(span)),
          spans[0],
        )
        const calls = steps.filter(({ kind }) => kind === 'call')
        const agents = steps.filter(({ kind }) => kind === 'agent')
        const unseen = dialect.countsUnseen ? agents.length * 7 : 0
        const served = calls.reduce((sum, { tokens }) => sum + tokens, unseen) / 100
        expect(total.leaves).toBeCloseTo(served, 8)
        expect(total.run).toBeCloseTo(served, 8)
        expect(total.counted).toBe(calls.length + (dialect.countsUnseen ? agents.length : 0))
      }),
    )
  })
})
