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

describe('recorded spans of the AI SDK 5', () => {
  it.each([
    // Version 5 writes cached and reasoning tokens for streams only.
    ['ai-sdk-v5/agent-handoff', { calls: 4, input: 218, output: 325, cached: 0, reasoning: 0 }],
    ['ai-sdk-v5/stream-tools', { calls: 2, input: 158, output: 196, cached: 64, reasoning: 128 }],
  ])('%s gives each served call once, with its tokens', (recording, expected) => {
    const found = calls(published(recording))
    expect({
      calls: found.length,
      input: sum(found, 'input_tokens'),
      output: sum(found, 'output_tokens'),
      cached: sum(found, 'cached_input_tokens'),
      reasoning: sum(found, 'reasoning_tokens'),
    }).toEqual(expected)
    for (const { payload } of found) {
      expect(payload).toMatchObject({ operation: 'chat', success: true, cost_source: 'price_table' })
      expect(payload['cost']).toBeGreaterThan(0)
    }
  })

  it.each([
    ['ai-sdk-v5/stream-tools', ['neuroscientist'], ['force_plate_export!', 'hrv_lookup'], []],
    [
      'ai-sdk-v5/agent-handoff',
      ['neuroscientist', 'training_coach'],
      ['plan_session', 'transfer_to_training_coach'],
      ['neuroscientist → training_coach'],
    ],
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
  })
})

describe('recorded spans of database clients', () => {
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
