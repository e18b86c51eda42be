import { beforeAll, describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { EventPipeline } from '../../src/exporters/event-pipeline.ts'
import { loadPrices } from '../../src/translate/pricing.ts'
import { SpanTranslator } from '../../src/translate/span-to-events.ts'
import { recordedSpans } from '../support/otlp-fixture.ts'

beforeAll(loadPrices)

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
  ])('%s gives each served call once, with its tokens', (recording, expected) => {
    const found = calls(published(recording))
    expect({
      calls: found.length,
      input: sum(found, 'input_tokens'),
      output: sum(found, 'output_tokens'),
      cached: sum(found, 'cached_input_tokens'),
      written: sum(found, 'cache_write_tokens'),
    }).toEqual({ cached: 0, written: 0, ...expected })
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
})
