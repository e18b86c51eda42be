import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SpanTranslator } from '../../src/translate/span-to-events.ts'
import type { SpanRecord } from '../../src/translate/span-record.ts'
import { aSpan } from '../support/spans.ts'

const price = () => 0.5

function translate(spans: readonly SpanRecord[], options: { captureContent?: boolean } = {}) {
  const translator = new SpanTranslator({ captureContent: false, tenantId: 'team', price, ...options })
  return spans.flatMap((span) => (span.endMs === null ? translator.started(span) : translator.ended(span)))
}

const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm', 'gen_ai.provider.name': 'openai' }
const only = (span: SpanRecord, options = {}) => translate([span], options)[0]

describe('the GenAI conventions', () => {
  it('gives a start while the span is open, with what is known then', () => {
    expect(only(aSpan(chat, { endMs: null, name: 'chat m' }))).toMatchObject({
      event_type: 'llm_call_started',
      timestamp: '2026-11-18T11:06:40.000+00:00',
      payload: { model: 'm', provider: 'openai', operation: 'chat' },
      tenant_id: 'team',
    })
    expect(only(aSpan(chat, { endMs: null }))).not.toHaveProperty('performance_metrics')
  })

  it('gives the end with latency, tokens, cost and outcome', () => {
    const usage = {
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.response.finish_reasons': ['stop'],
    }
    expect(only(aSpan({ ...chat, ...usage }))).toMatchObject({
      event_type: 'llm_call',
      timestamp: '2026-11-18T11:06:40.250+00:00',
      payload: {
        input_tokens: 100,
        output_tokens: 20,
        tokens_used: 120,
        cost: 0.5,
        cost_source: 'price_table',
        latency_ms: 250,
        success: true,
      },
      metadata: { start_time: '2026-11-18T11:06:40.000+00:00', service: 'test-service', dialect: 'gen_ai' },
      performance_metrics: { latency_ms: 250, token_cost: 0.5, success: true },
    })
  })

  it.each([
    [
      'the names of 1.27 to 1.36',
      { 'gen_ai.system': 'openai', 'gen_ai.usage.prompt_tokens': 7, 'gen_ai.usage.completion_tokens': 3 },
    ],
    ['numbers written as text', { 'gen_ai.usage.input_tokens': '7', 'gen_ai.usage.output_tokens': '3' }],
  ])('reads %s', (_name, attributes) => {
    expect(only(aSpan({ ...chat, 'gen_ai.provider.name': undefined, ...attributes }))?.payload).toMatchObject({
      input_tokens: 7,
      output_tokens: 3,
    })
  })

  it.each([
    ['gen_ai.usage.cache_read.input_tokens', 'cached_input_tokens'],
    ['gen_ai.usage.cached_tokens', 'cached_input_tokens'],
    ['gen_ai.usage.cache_write.input_tokens', 'cache_write_tokens'],
    ['gen_ai.usage.cache_creation.input_tokens', 'cache_write_tokens'],
    ['gen_ai.usage.cache_creation_input_tokens', 'cache_write_tokens'],
    ['gen_ai.usage.reasoning.output_tokens', 'reasoning_tokens'],
    ['gen_ai.usage.reasoning_tokens', 'reasoning_tokens'],
  ])('reads %s as %s', (attribute, key) => {
    expect(only(aSpan({ ...chat, [attribute]: 5 }))?.payload[key]).toBe(5)
  })

  it('leaves out what the span does not show, rather than 0', () => {
    const { payload } = only(aSpan({ 'gen_ai.operation.name': 'chat' })) ?? { payload: {} }
    expect(Object.keys(payload).sort()).toEqual(['latency_ms', 'operation', 'success'])
  })

  it('takes the price that the provider states before its own', () => {
    const stated = aSpan({ ...chat, 'gen_ai.usage.input_tokens': 1, 'gen_ai.usage.cost': 0.25 })
    expect(only(stated)?.payload).toMatchObject({ cost: 0.25, cost_source: 'provider' })
  })

  it.each([
    ['xai', 'x_ai'],
    ['AWS', 'aws.bedrock'],
    ['vertex_ai', 'gcp.vertex_ai'],
    ['crewai', undefined],
    ['test-service', undefined],
  ])('takes provider %s for %s', (given, expected) => {
    expect(only(aSpan({ ...chat, 'gen_ai.provider.name': given }))?.payload['provider']).toBe(expected)
  })

  it('reads time to first token in seconds and gives milliseconds', () => {
    expect(
      only(aSpan({ ...chat, 'gen_ai.response.time_to_first_chunk': 0.5 }))?.payload['time_to_first_token_ms'],
    ).toBe(500)
  })

  it('counts a span as failed by its status or its error.type; OK and unset are the same', () => {
    const failed = (more: Partial<SpanRecord>, attributes = {}) =>
      only(aSpan({ ...chat, ...attributes }, more))?.payload
    expect(failed({ status: 'error' })).toMatchObject({ success: false, error_type: '_OTHER' })
    expect(failed({}, { 'error.type': 'timeout' })).toMatchObject({ success: false, error_type: 'timeout' })
    const exception = { name: 'exception', timeMs: 0, attributes: { 'exception.type': 'TypeError' } }
    expect(failed({ status: 'error', events: [exception] })).toMatchObject({ error_type: 'TypeError' })
    expect(failed({ status: 'ok' })).toMatchObject({ success: true })
  })

  it('reads tools, and transfers to another agent as hand-offs', () => {
    const tool = {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'transfer',
      'gen_ai.tool.call.id': 'c1',
    }
    const transfer = {
      'gen_ai.transfer.target.name': 'coach',
      'gen_ai.transfer.mode': 'pass_control',
      'gen_ai.agent.name': 'lead',
    }
    expect(translate([aSpan({ ...tool, ...transfer })])).toMatchObject([
      {
        event_type: 'tool_usage',
        payload: { tool_name: 'transfer', tool_call_id: 'c1', execution_time_ms: 250, success: true },
      },
      {
        event_type: 'agent_collaboration',
        source_agent: { id: 'lead' },
        target_agent: { id: 'coach', role: 'coach' },
        payload: { primary_agent: 'lead', collaboration_type: 'handoff' },
      },
    ])
  })

  it('reads retrieval as knowledge access', () => {
    const found = {
      'gen_ai.operation.name': 'retrieval',
      'gen_ai.data_source.id': 'sleep',
      'gen_ai.retrieval.documents': '[{"id":"a"},{"id":"b"}]',
    }
    expect(only(aSpan(found))).toMatchObject({
      event_type: 'knowledge_access',
      payload: { knowledge_domain: 'sleep', items_accessed: 2 },
    })
  })

  it('gives nothing for spans of no interest', () => {
    expect(translate([aSpan({ 'http.method': 'GET' }), aSpan({ 'gen_ai.operation.name': 'agent_step' })])).toEqual([])
  })

  it('keeps prompts, completions, arguments, results and error texts out unless content is captured', () => {
    const secret = 'what the athlete said'
    const content = { 'gen_ai.input.messages': secret, 'gen_ai.output.messages': secret }
    const tool = {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.call.arguments': secret,
      'gen_ai.tool.call.result': secret,
    }
    const error = { status: 'error', statusMessage: secret } as const
    const spans = () => [
      aSpan({ ...chat, ...content }, error),
      aSpan(tool, error),
      aSpan({ ...chat, ...content }, { endMs: null }),
    ]
    expect(JSON.stringify(translate(spans()))).not.toContain(secret)
    const captured = translate(spans(), { captureContent: true })
    expect(captured.map(({ payload }) => payload)).toMatchObject([
      { prompt: secret, completion: secret, error_message: secret },
      { arguments: secret, result: secret, error_message: secret },
      { prompt: secret },
    ])
  })

  it('never throws and never loses the others, whatever one span holds', () => {
    const hostile = fc.dictionary(
      fc.constantFrom(
        ...Object.keys(chat),
        'gen_ai.usage.input_tokens',
        'gen_ai.agent.name',
        'error.type',
        'auren.event.type',
        'auren.event.payload',
      ),
      fc.oneof(
        fc.anything(),
        fc.constantFrom('chat', 'invoke_agent', 'execute_tool', 'agent_decision', '{}', '{"a":1}'),
      ),
    )
    fc.assert(
      fc.property(hostile, (attributes) => {
        const throwing = { get ['gen_ai.operation.name'](): string { throw new Error('odd') } } // prettier-ignore
        const good = aSpan(chat)
        const events = translate([aSpan(attributes), aSpan(throwing), good])
        expect(events.at(-1)?.span_id).toBe(good.spanId)
      }),
    )
  })
})
