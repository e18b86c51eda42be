import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { EventPipeline } from '../../src/exporters/event-pipeline.ts'
import { SpanTranslator } from '../../src/translate/span-to-events.ts'
import { recordedSpans } from '../support/otlp-fixture.ts'

function published(recording: string): AurenEvent[] {
  const events: AurenEvent[] = []
  const translator = new SpanTranslator({ captureContent: false, tenantId: null })
  const pipeline = new EventPipeline(translator, [], [{ write: (more) => events.push(...more) }])
  pipeline.spansEnded(recordedSpans(recording))
  return events
}

const calls = (events: readonly AurenEvent[]) => events.filter(({ event_type: type }) => type === 'llm_call')
const sum = (events: readonly AurenEvent[], key: string) =>
  events.reduce((total, { payload }) => total + Number(payload[key] ?? 0), 0)

describe('recorded spans of real libraries', () => {
  it.each([
    ['otel-openai/chat', { calls: 1, input: 46, output: 34 }],
    ['otel-openai/stream-usage', { calls: 1, input: 44, output: 23 }],
    ['otel-openai/tool-loop-nocontent', { calls: 2, input: 291, output: 198 }],
    ['otel-openai/responses', { calls: 3, input: 277, output: 383 }],
    ['anthropic-sdk-native/tool-loop', { calls: 2, input: 245, output: 71, cached: 96, written: 32 }],
    ['ai-sdk-v7/agent-handoff', { calls: 5, input: 1_665, output: 554, cached: 736 }],
    ['ai-sdk-v6/v6-generate-tools', { calls: 2, input: 590, output: 246, cached: 224, reasoning: 128 }],
    ['ai-sdk-v6/v6-stream-tools', { calls: 2, input: 328, output: 192, cached: 112, reasoning: 128 }],
    // Version 5 writes cached and reasoning tokens for streams only.
    ['ai-sdk-v5/agent-handoff', { calls: 4, input: 218, output: 325 }],
    ['ai-sdk-v5/stream-tools', { calls: 2, input: 158, output: 196, cached: 64, reasoning: 128 }],
    ['openai-agents-openinference/handoff', { calls: 4, input: 1_862, output: 447, cached: 944, reasoning: 128 }],
    ['langchain-openinference/react-agent', { calls: 2, input: 597, output: 246, cached: 224, reasoning: 128 }],
    // Anthropic counts 117 without the cache; the 96 read from it and the 32 written to it belong to the input.
    ['anthropic-openinference/tool-loop', { calls: 2, input: 245, output: 71, cached: 96, written: 32 }],
    ['anthropic-traceloop/tool-loop', { calls: 2, input: 245, output: 71, cached: 96, written: 32 }],
    ['traceloop-sdk/two-agents', { calls: 4, input: 612, output: 262 }],
  ])('%s gives each served call once, with its tokens', (recording, expected) => {
    const found = calls(published(recording))
    expect({
      calls: found.length,
      input: sum(found, 'input_tokens'),
      output: sum(found, 'output_tokens'),
      cached: sum(found, 'cached_input_tokens'),
      written: sum(found, 'cache_write_tokens'),
      reasoning: sum(found, 'reasoning_tokens'),
    }).toEqual({ cached: 0, written: 0, reasoning: 0, ...expected })
    for (const { payload } of found) {
      expect(payload).toMatchObject({ operation: 'chat', success: true, cost_source: 'price_table' })
      expect(payload['cost']).toBeGreaterThan(0)
    }
  })

  it('names the answered and the asked model, the provider and why the model stopped', () => {
    expect(calls(published('otel-openai/tool-loop-nocontent')).map(({ payload }) => payload)).toEqual([
      expect.objectContaining({
        model: 'gpt-5-mini-2025-08-07',
        request_model: 'gpt-5-mini',
        provider: 'openai',
        finish_reasons: ['tool_calls'],
      }),
      expect.objectContaining({ finish_reasons: ['stop'] }),
    ])
  })

  it('gives refused calls as failures, with the type of the error and no price', () => {
    const failed = calls(published('otel-openai/errors'))
    expect(failed.length).toBeGreaterThanOrEqual(3)
    for (const { payload, performance_metrics: metrics } of failed) {
      expect(payload).toMatchObject({ success: false, error_type: expect.any(String) as string })
      expect(payload).not.toHaveProperty('cost')
      expect(metrics).toMatchObject({ success: false, token_cost: 0 })
    }
  })

  it('attributes calls and tools to their agent though children come before their agent span', () => {
    const events = published('ai-sdk-v7/agent-handoff')
    const byAgent = Map.groupBy(calls(events), ({ source_agent: agent }) => agent?.id)
    expect(byAgent.get('neuroscientist')).toHaveLength(3)
    expect(byAgent.get('training_coach')).toHaveLength(2)
    const completed = events.filter(({ event_type: type }) => type === 'agent_execution_completed')
    expect(
      completed.map(({ source_agent: agent, payload }) => [
        agent?.id,
        payload['llm_calls_made'],
        payload['tokens_used'],
      ]),
    ).toEqual([
      ['training_coach', 2, 542],
      ['neuroscientist', 3, 1_677],
    ])
    const [coach, lead] = completed
    expect(lead?.payload['delegated_cost']).toBeCloseTo(Number(coach?.payload['own_cost']), 10)
    expect(events.filter(({ event_type: type }) => type === 'agent_collaboration')).toMatchObject([
      {
        source_agent: { id: 'neuroscientist' },
        target_agent: { id: 'training_coach' },
        payload: { collaboration_type: 'delegation' },
      },
    ])
  })

  it('says which tool failed', () => {
    const tools = published('ai-sdk-v7/tool-failure').filter(({ event_type: type }) => type === 'tool_usage')
    expect(tools.map(({ payload }) => [payload['tool_name'], payload['success']])).toContainEqual([
      'force_plate_export',
      false,
    ])
  })

  it.each([
    ['ai-sdk-v6/v6-generate-tools', ['neuroscientist'], ['eeg_summary', 'hrv_lookup'], []],
    ['ai-sdk-v6/v6-stream-tools', ['training_coach'], ['plan_session'], []],
    ['ai-sdk-v5/stream-tools', ['neuroscientist'], ['force_plate_export!', 'hrv_lookup'], []],
    [
      'ai-sdk-v5/agent-handoff',
      ['neuroscientist', 'training_coach'],
      ['plan_session', 'transfer_to_training_coach'],
      ['neuroscientist → training_coach'],
    ],
    ['langchain-openinference/react-agent', ['neuroscientist'], ['eeg_summary', 'hrv_lookup'], []],
    ['openai-agents-openinference/tool-failure', ['neuroscientist'], ['force_plate_export!', 'hrv_lookup'], []],
    [
      'openai-agents-openinference/handoff',
      ['neuroscientist', 'training_coach'],
      ['eeg_summary', 'hrv_lookup', 'plan_session'],
      ['neuroscientist → training_coach'],
    ],
    ['traceloop-sdk/two-agents', ['neuroscientist', 'training_coach'], ['hrv_lookup', 'plan_session'], []],
  ])('%s names its agents, tools and hand-offs', (recording, agents, tools, handoffs) => {
    const events = published(recording)
    const of = (wanted: string) => events.filter(({ event_type: type }) => type === wanted)
    const names = new Set(events.map(({ source_agent: agent }) => agent?.id))
    expect([...names].toSorted()).toEqual(agents)
    const used = of('tool_usage').map(
      ({ payload }) => `${String(payload['tool_name'])}${payload['success'] === true ? '' : '!'}`,
    )
    expect(used.toSorted()).toEqual(tools)
    const passed = of('agent_collaboration').map(
      ({ source_agent: from, target_agent: to }) => `${from?.id} → ${to?.id}`,
    )
    expect(passed).toEqual(handoffs)
    const done = of('agent_execution_completed')
    expect(done.reduce((total, { payload }) => total + Number(payload['llm_calls_made']), 0)).toBe(calls(events).length)
  })

  it.each([
    ['ai-sdk-v6/v6-embed', 2, 15],
    ['ai-sdk-v7/embed', 2, 15],
    ['openai-openinference/embeddings', 1, 0],
  ])('%s gives each embedding once, though an outer span repeats it', (recording, number, tokens) => {
    const found = calls(published(recording))
    expect(found.map(({ payload }) => payload['operation'])).toEqual(Array.from({ length: number }, () => 'embeddings'))
    expect(sum(found, 'input_tokens')).toBe(tokens)
  })

  it('gives each refused call of the AI SDK once', () => {
    const failed = calls(published('ai-sdk-v6/v6-llm-errors'))
    expect(failed.map(({ payload }) => payload['success'])).toEqual([false, false, false, false, false])
  })

  it('gives an SDK’s own span inside an instrumentation’s as one call, with what each of them knows', () => {
    const [first] = calls(published('anthropic-openinference/tool-loop'))
    expect(first).toMatchObject({ session_id: 'sess-9', user_id: 'user-5', metadata: { dialect: 'openinference' } })
    expect(first?.payload).toMatchObject({ response_id: 'msg_00001002f00dcafef00dcafe', finish_reasons: ['tool_use'] })
  })

  it.each([
    [
      'ioredis/ioredis-latest',
      'redis',
      ['set', 'get', 'get', 'hset', 'hget', 'mget', 'get', 'get', 'del', 'incr', 'expire', 'hget', 'del'],
    ],
    [
      'ioredis/ioredis-older-default',
      'redis',
      ['set', 'get', 'get', 'hset', 'hget', 'mget', 'get', 'get', 'del', 'incr', 'expire', 'hget', 'del'],
    ],
    ['pg/pg-latest', 'postgresql', ['insert', 'select', 'select', 'select', 'update']],
  ])('%s gives the commands below an agent as memory accesses, and no housekeeping', (recording, tier, operations) => {
    const accesses = published(recording)
    expect(accesses.map(({ payload }) => payload['operation'])).toEqual(operations)
    for (const access of accesses) {
      expect(access).toMatchObject({
        event_type: 'memory_tier_access',
        source_agent: { id: 'neuroscientist' },
        payload: { tier_accessed: tier },
      })
      expect(JSON.stringify(access.payload)).not.toMatch(/athlete|SELECT|INSERT/)
    }
  })

  it('gives no database command an event without an agent above it', () => {
    const spans = recordedSpans('ioredis/ioredis-latest').filter(({ scope }) => scope.includes('ioredis'))
    const translator = new SpanTranslator({ captureContent: false, tenantId: null })
    expect(spans.flatMap((span) => translator.ended(span))).toEqual([])
  })
})
