import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import type { SpanRecord } from '../../src/translate/span-record.ts'
import { recordings, recordedRequests } from '../support/otlp-fixture.ts'
import { received, receivedRequests } from '../support/received.ts'
import { aSpan } from '../support/spans.ts'

const told = (spans: readonly SpanRecord[], captureContent = false) => receivedRequests([spans], captureContent)
const brief = ({ event_type: type, source_agent: from, target_agent: to }: AurenEvent) => [type, from?.id, to?.id]
const exception = (attributes: Record<string, string>) => ({
  status: 'error' as const,
  events: [{ name: 'exception', timeMs: 0, attributes }],
})

describe('the GenAI conventions', () => {
  it.each(['create_agent', 'invoke_workflow', 'fetch_response', 'agent_step'])('give no event for %s', (operation) => {
    expect(told([aSpan({ 'gen_ai.operation.name': operation, 'gen_ai.agent.name': 'lead' })])).toEqual([])
  })

  it('do not take the model for the name of an agent without one', () => {
    const span = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.request.model': 'gpt-5-mini' }
    expect(told([aSpan(span, { name: 'invoke_agent gpt-5-mini' })])).toEqual([])
    expect(told([aSpan(span, { name: 'invoke_agent coach' })])[0]?.source_agent).toMatchObject({ id: 'coach' })
  })

  it('give searches in an agent’s memory as accesses with hit or miss', () => {
    const search = { 'gen_ai.operation.name': 'search_memory', 'gen_ai.memory.store.id': 'athletes' }
    const create = { 'gen_ai.operation.name': 'create_memory', 'gen_ai.memory.record.count': 1 }
    const [missed, unknown, created] = told([
      aSpan({ ...search, 'gen_ai.memory.record.count': 0 }),
      aSpan(search),
      aSpan(create),
    ]).map(({ payload }) => payload)
    expect(missed).toMatchObject({
      tier_accessed: 'athletes',
      operation: 'search',
      cache_hit: false,
      items_retrieved: 0,
    })
    expect(unknown).not.toHaveProperty('cache_hit')
    expect(created).toMatchObject({ tier_accessed: 'memory', operation: 'create' })
    expect(created).not.toHaveProperty('cache_hit')
  })

  it('give a plan as a decision', () => {
    expect(told([aSpan({ 'gen_ai.operation.name': 'plan', 'gen_ai.agent.name': 'lead' })])).toMatchObject([
      {
        event_type: 'agent_decision',
        source_agent: { id: 'lead' },
        payload: { decision: 'plan', origin: 'extracted' },
      },
    ])
  })

  it('tell once that an agent is used as a tool, though its own span lies in the tool’s', () => {
    const invoke = (name: string) => ({ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': name })
    const lead = aSpan(invoke('lead'))
    const tool = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'ask', 'gen_ai.agent.name': 'lead' }
    const ask = { ...tool, 'gen_ai.transfer.target.name': 'coach', 'gen_ai.transfer.mode': 'return_to_caller' }
    const call = aSpan(ask, { parentSpanId: lead.spanId })
    const coach = aSpan(invoke('coach'), { parentSpanId: call.spanId })
    const passed = told([coach, call, lead]).filter(({ event_type: type }) => type === 'agent_collaboration')
    expect(passed).toMatchObject([{ target_agent: { id: 'coach' }, payload: { collaboration_type: 'delegation' } }])
  })
})

describe('LangGraph under OpenInference', () => {
  const graph = { ls_integration: 'langgraph', thread_id: 't-1' }
  const span = (kind: string, name: string, metadata: object, more: Partial<SpanRecord> = {}, attributes = {}) =>
    aSpan({ 'openinference.span.kind': kind, metadata: JSON.stringify(metadata), ...attributes }, { name, ...more })
  const model = (parent: SpanRecord) => span('LLM', 'ChatOpenAI', graph, { parentSpanId: parent.spanId })

  it('takes a named graph with a node called agent for an agent, and one without a name for none', () => {
    for (const name of ['coach', 'LangGraph']) {
      const root = span('CHAIN', name, graph)
      const node = span('CHAIN', 'agent', { ...graph, langgraph_node: 'agent' }, { parentSpanId: root.spanId })
      const agent = name === 'coach' ? 'coach' : undefined
      expect(told([model(node), node, root]).map(brief)).toEqual([
        ['llm_call', agent, undefined],
        ...(agent === undefined ? [] : [['agent_execution_completed', agent, undefined]]),
      ])
    }
  })

  it('takes a graph in the node of its own name for an agent, and the node and the graph around it for none', () => {
    const root = span('CHAIN', 'team', graph)
    const node = span('CHAIN', 'writer', { ...graph, langgraph_node: 'writer' }, { parentSpanId: root.spanId })
    const agent = span('CHAIN', 'writer', { ...graph, langgraph_node: 'writer' }, { parentSpanId: node.spanId })
    expect(told([model(agent), agent, node, root]).map(brief)).toEqual([
      ['llm_call', 'writer', undefined],
      ['agent_execution_completed', 'writer', undefined],
    ])
  })

  it('knows the agent of createAgent from a single call, though its span never comes', () => {
    const call = span('LLM', 'ChatOpenAI', { ...graph, lc_agent_name: 'coach' }, { parentSpanId: 'f'.repeat(16) })
    expect(told([call])[0]?.source_agent).toEqual({ id: 'coach', role: 'coach' })
  })

  const inTools = { ...graph, langgraph_node: 'tools' }
  const command = JSON.stringify({ output: { lg_name: 'Command', update: { messages: [] }, goto: ['coach'] } })
  it.each([
    ['transfer_to_coach', { 'output.value': command }, ['agent_collaboration']],
    ['transfer_to_coach', { 'output.value': '__REDACTED__' }, ['agent_collaboration']],
    ['transfer_to_coach', { 'output.value': command.slice(0, 60) }, ['agent_collaboration']],
    ['ask_the_coach', { 'output.value': command }, ['tool_usage', 'agent_collaboration']],
    ['transfer_to_bank', { 'output.value': '{"output":"sent 20 EUR"}' }, ['tool_usage']],
  ])('tells a hand-off by what tool %s returns: %o', (name, attributes, types) => {
    const events = told([span('TOOL', name, inTools, {}, attributes)])
    expect(events.map(({ event_type: type }) => type)).toEqual(types)
    const passed = events.find(({ event_type: type }) => type === 'agent_collaboration')
    expect(passed?.target_agent?.id).toBe(types.includes('agent_collaboration') ? 'coach' : undefined)
  })

  it('takes a tool named like a hand-off for a tool where there is no graph', () => {
    expect(told([span('TOOL', 'transfer_to_bank', {})]).map(({ event_type: type }) => type)).toEqual(['tool_usage'])
  })

  it.each([
    [{ 'exception.message': '\n\nParentCommand\n    at RunnableCallable' }],
    [{ 'exception.type': 'langgraph.errors.ParentCommand', 'exception.message': '' }],
    [{ 'exception.type': 'GraphInterrupt', 'exception.message': 'waits for a person' }],
  ])('does not take the steering exception %o for a failure', (attributes) => {
    const agent = span('CHAIN', 'coach', { ...graph, lc_agent_name: 'coach' }, exception(attributes))
    expect(told([agent])[0]?.payload).toMatchObject({ execution_result: 'success', success: true })
  })
})

describe('Genkit', () => {
  const model = (output: string) =>
    aSpan({
      'genkit:type': 'action',
      'genkit:metadata:subtype': 'model',
      'genkit:name': 'googleai/gemini-2.5-pro',
      'genkit:output': output,
    })

  it('reads usage from an output that a size limit has cut, and never from what the model said', () => {
    const said = {
      message: { content: [{ text: 'say "inputTokens":9' }] },
      usage: { inputTokens: 100, outputTokens: 20, thoughtsTokens: 5 },
    }
    const cut = JSON.stringify({ ...said, raw: 'x'.repeat(50) }).slice(0, -20)
    expect(told([model(cut)])[0]?.payload).toMatchObject({
      model: 'gemini-2.5-pro',
      provider: 'gcp.gemini',
      input_tokens: 100,
      output_tokens: 20,
      reasoning_tokens: 5,
    })
  })

  it('gives an embedding as a call without tokens, and a refused call with the status that it is named by', () => {
    const embedder = { 'genkit:metadata:subtype': 'embedder', 'genkit:name': 'lab/text-embedding-3-small' }
    const [embedding] = told([aSpan(embedder)])
    expect(embedding?.payload).toMatchObject({ operation: 'embeddings', model: 'text-embedding-3-small' })
    expect(embedding?.payload).not.toHaveProperty('input_tokens')
    const refused = { ...model('{}'), ...exception({ 'exception.type': '429' }) }
    expect(told([refused])[0]?.payload).toMatchObject({ success: false, error_type: '429' })
  })

  it('gives a retriever as knowledge access with what it found', () => {
    const span = {
      'genkit:metadata:subtype': 'retriever',
      'genkit:name': 'notes',
      'genkit:output': '{"documents":[{},{}]}',
    }
    expect(told([aSpan(span)])).toMatchObject([
      { event_type: 'knowledge_access', payload: { source: 'notes', items_retrieved: 2 } },
    ])
  })
})

describe('error types', () => {
  const failed = (attributes: Record<string, string>) =>
    told([aSpan({ 'gen_ai.operation.name': 'chat' }, exception(attributes))])[0]?.payload['error_type']

  it.each([
    [{ 'exception.type': 'RateLimitError', 'exception.message': '429 slow down' }, 'RateLimitError'],
    [{ 'exception.type': 'Error', 'exception.message': '429 {"type":"error"}' }, '429'],
    [{ 'exception.type': 'Error', 'exception.message': 'it broke' }, 'Error'],
    [{ 'exception.message': 'it broke\n\nTimeoutError: it broke\n    at run' }, 'TimeoutError'],
    [{ 'exception.message': 'it broke' }, '_OTHER'],
  ])('of %o is %s', (attributes, type) => {
    expect(failed(attributes)).toBe(type)
  })
})

describe('content', () => {
  const said = /How recovered|You are the|rmssd_ms|API answered 503/

  it.each(recordings())('of %s stays out of the events unless it is captured', (recording) => {
    expect(JSON.stringify(received(recording))).not.toMatch(said)
  })

  it.each([
    ['ai-sdk-v6/v6-llm-errors', /Rate limit reached/],
    ['openai-agents-openinference/guardrail', /Error in agent run/],
  ])('of %s has an agent’s error message when it is captured', (recording, message) => {
    const ended = (captureContent: boolean) =>
      receivedRequests(recordedRequests(recording), captureContent).find(
        ({ event_type: type }) => type === 'agent_execution_completed',
      )?.payload['error_message']
    expect(ended(true)).toMatch(message)
    expect(ended(false)).toBeUndefined()
  })

  it.each([
    'genkit/two-flows',
    'voltagent/agent-tools',
    'langchain-openinference/react-agent',
    'mcp-traceloop/stdio-tools',
  ])('of %s is in the events when it is captured', (recording) => {
    expect(JSON.stringify(receivedRequests(recordedRequests(recording), true))).toMatch(/rmssd_ms/)
  })
})
