import { describe, expect, it } from 'vitest'
import { SpanTranslator } from '../../src/translate/span-to-events.ts'
import type { SpanRecord } from '../../src/translate/span-record.ts'
import { recordedSpans } from '../support/otlp-fixture.ts'
import { receivedRequests } from '../support/received.ts'
import { aSpan } from '../support/spans.ts'

const chat = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.usage.input_tokens': 100,
  'gen_ai.usage.output_tokens': 20,
}
const withId = { ...chat, 'gen_ai.response.id': 'chatcmpl-7' }
const openInference = {
  'openinference.span.kind': 'LLM',
  'llm.model_name': 'gpt-4o',
  'llm.token_count.prompt': 100,
  'llm.token_count.completion': 20,
  'session.id': 's-1',
}
const tool = (name: string, more = {}) => ({
  'gen_ai.operation.name': 'execute_tool',
  'gen_ai.tool.name': name,
  ...more,
})
const mcp = (name: string, more = {}) => ({ 'mcp.method.name': 'tools/call', ...tool(name), ...more })

const outer = (more: Partial<SpanRecord> = {}) => aSpan(openInference, { scope: 'openinference', ...more })
const inner = (more: Partial<SpanRecord> = {}) => aSpan(withId, { scope: 'client', ...more })
const elsewhere = { traceId: 'f'.repeat(32) }
const shorter = { startMs: 1_795_000_000_020, endMs: 1_795_000_000_230 }
const types = (requests: readonly (readonly SpanRecord[])[]) =>
  receivedRequests(requests).map(({ event_type: type }) => type)

describe('one model call that two spans show', () => {
  it('is one event when one lies in the other, with what each of them knows', () => {
    const wide = outer()
    const events = receivedRequests([[inner({ parentSpanId: wide.spanId }), wide]])
    expect(events).toMatchObject([
      { span_id: wide.spanId, session_id: 's-1', payload: { response_id: 'chatcmpl-7', input_tokens: 100 } },
    ])
  })

  it('is one event when the outer span comes in a later request, through spans of no interest too', () => {
    const wide = outer()
    const http = aSpan({}, { parentSpanId: wide.spanId })
    const client = inner({ parentSpanId: http.spanId })
    const translator = new SpanTranslator({ captureContent: false, tenantId: null })
    const events = [client, http, wide].flatMap((span) => translator.ended(span))
    expect(events.map(({ span_id: id }) => id)).toEqual([client.spanId])
  })

  it('waits for the outer span, so that its session is told when it comes soon', () => {
    const wide = outer()
    expect(receivedRequests([[inner({ parentSpanId: wide.spanId })], [wide]])).toMatchObject([{ session_id: 's-1' }])
  })

  it('is one event when the two are in different traces of one process, within each other’s time', () => {
    const events = receivedRequests([[inner({ ...elsewhere, ...shorter }), outer()]])
    expect(events).toMatchObject([{ session_id: 's-1', payload: { response_id: 'chatcmpl-7' } }])
    expect(types([[inner({ ...elsewhere, ...shorter })], [outer()]])).toEqual(['llm_call'])
  })

  it.each([
    ['do not overlap', inner({ ...elsewhere, startMs: 1_795_000_001_000, endMs: 1_795_000_001_200 }), outer()],
    [
      'used other tokens',
      aSpan({ ...withId, 'gen_ai.usage.output_tokens': 21 }, { ...elsewhere, scope: 'b' }),
      outer(),
    ],
    ['have other models', aSpan({ ...withId, 'gen_ai.request.model': 'o3' }, { ...elsewhere, scope: 'b' }), outer()],
    ['come from other processes', inner({ ...elsewhere, resource: { 'service.name': 'b' } }), outer()],
    ['are of one instrumentation', inner(elsewhere), inner()],
    ['have two ids', aSpan({ ...chat, 'gen_ai.response.id': 'chatcmpl-8' }, { ...elsewhere, scope: 'b' }), inner()],
    [
      'say no tokens',
      aSpan({ 'gen_ai.operation.name': 'chat' }, elsewhere),
      aSpan({ 'gen_ai.operation.name': 'chat' }, { scope: 'b' }),
    ],
  ])('are two events when they %s', (_why, one, other) => {
    expect(types([[one, other]])).toEqual(['llm_call', 'llm_call'])
  })

  it('ends a start that is published, without its usage, when another trace has the call', () => {
    const translator = new SpanTranslator({ captureContent: false, tenantId: null, price: () => 1 })
    const [wide, client] = [outer(), inner({ ...elsewhere, ...shorter })]
    for (const span of [wide, client]) translator.started({ ...span, endMs: null })
    expect(translator.ended(client)).toMatchObject([{ payload: { cost: 1, input_tokens: 100 } }])
    const [ended] = translator.ended(wide)
    expect(ended).toMatchObject({ event_type: 'llm_call', payload: { cost: 0, counted_elsewhere: true } })
    expect(ended?.payload).not.toHaveProperty('input_tokens')
  })

  it('keeps a sub-agent’s calls apart that lie under the model span of its caller, as in the AI SDK’s legacy spans', () => {
    const ai = (operation: string, more = {}) => ({
      'ai.operationId': operation,
      'ai.telemetry.functionId': 'lead',
      ...more,
    })
    const root = aSpan(ai('ai.generateText'))
    const call = aSpan(ai('ai.generateText.doGenerate', chat), { parentSpanId: root.spanId })
    const transfer = aSpan(ai('ai.toolCall', { 'ai.toolCall.name': 'transfer' }), { parentSpanId: call.spanId })
    const coach = aSpan(
      { ...ai('ai.generateText'), 'ai.telemetry.functionId': 'coach' },
      { parentSpanId: transfer.spanId },
    )
    const below = aSpan(
      { ...ai('ai.generateText.doGenerate', chat), 'ai.telemetry.functionId': 'coach' },
      { parentSpanId: coach.spanId },
    )
    const events = receivedRequests([[below, coach, transfer, call, root]])
    expect(events.filter(({ event_type: type }) => type === 'llm_call').map((event) => event.source_agent?.id)).toEqual(
      ['coach', 'lead'],
    )
  })
})

describe('one tool call over MCP', () => {
  const agent = aSpan(tool('mcp__recovery__hrv_lookup'))
  const client = aSpan(mcp('hrv_lookup'), { parentSpanId: agent.spanId, kind: 'client' })
  const failed = { 'error.type': 'tool_error' }
  const server = aSpan(mcp('hrv_lookup', failed), { parentSpanId: client.spanId, kind: 'server' })

  it('is one event though the agent, the client and the server have a span of it, and failed if one of them says so', () => {
    expect(receivedRequests([[server, client, agent]])).toMatchObject([
      {
        span_id: agent.spanId,
        payload: { tool_name: 'mcp__recovery__hrv_lookup', success: false, error_type: 'tool_error' },
      },
    ])
  })

  it('is one event when the server’s process sends its span first', () => {
    expect(types([[server], [client, agent]])).toEqual(['tool_usage'])
    const translator = new SpanTranslator({ captureContent: false, tenantId: null })
    expect([server, client].flatMap((span) => translator.ended(span))).toHaveLength(1)
  })

  it('is no event of another tool around it, nor are other methods', () => {
    const research = aSpan(tool('research'))
    const call = aSpan(mcp('hrv_lookup'), { parentSpanId: research.spanId })
    const list = aSpan({ 'mcp.method.name': 'tools/list' }, { parentSpanId: research.spanId })
    expect(types([[list, call, research]])).toEqual(['tool_usage', 'tool_usage'])
  })
})

it('gives each recorded call once too when every span comes in a request of its own', () => {
  const spans = recordedSpans('anthropic-openinference/stream')
  for (const order of [spans, spans.toReversed()]) {
    expect(types(order.map((span) => [span]))).toEqual(['llm_call', 'llm_call'])
    const translator = new SpanTranslator({ captureContent: false, tenantId: null })
    expect(order.flatMap((span) => translator.ended(span))).toHaveLength(2)
  }
})
