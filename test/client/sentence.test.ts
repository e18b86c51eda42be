import { describe, expect, it } from 'vitest'
import { sentence } from '../../src/client/sentence.ts'
import { eventTypes } from '../../src/events/event-types.ts'
import type { AurenEventType } from '../../src/events/event-types.ts'
import { anEvent } from '../support/events.ts'

const say = (type: AurenEventType, payload: Record<string, unknown>) => sentence(anEvent({ event_type: type, payload }))

/** Every key a sentence may read as a number, with a value JSON has no number for. */
const everyNumber = (value: number) =>
  Object.fromEntries(
    [
      ...['input_tokens', 'output_tokens', 'cost', 'latency_ms', 'execution_time_ms', 'session_duration_ms'],
      ...['llm_calls_made', 'own_cost', 'delegated_cost', 'confidence', 'items_retrieved', 'items_accessed'],
      ...['result_count', 'resolution_time_ms', 'dropped', 'value', 'metrics_available'],
    ].map((key) => [key, key === 'metrics_available' ? [value, {}] : value]),
  )

describe('one sentence per event', () => {
  it.each<[AurenEventType, Record<string, unknown>, string]>([
    [
      'llm_call',
      { model: 'gpt-5-mini', input_tokens: 312, output_tokens: 88, cost: 0.0021, latency_ms: 1_800 },
      'asked gpt-5-mini (312 → 88 tokens, $0.0021, 1.8 s)',
    ],
    ['llm_call', { model: 'm', success: false, error_type: 'timeout' }, 'asked m and failed: timeout'],
    ['tool_usage', { tool_name: 'hrv_lookup', execution_time_ms: 12.4 }, 'used hrv_lookup (12 ms)'],
    [
      'agent_execution_completed',
      { llm_calls_made: 1, own_cost: 0.5, delegated_cost: 0.25, session_duration_ms: 2_000 },
      'finished (1 model call, $0.75, 2.0 s)',
    ],
    [
      'agent_collaboration',
      { collaborating_agents: ['coach'], collaboration_type: 'handoff', reason: 'plan' },
      'handed over to coach (plan)',
    ],
    ['agent_decision', { decision: { action: 'rest today' }, confidence: 0.8 }, 'decided rest today (80 % sure)'],
    ['memory_tier_access', { tier_accessed: 'redis', cache_hit: false, latency_ms: 3 }, 'searched redis (miss, 3 ms)'],
    [
      'memory_tier_access',
      { tier_accessed: 'redis', operation: 'store', items_retrieved: 1 },
      'stored in redis (1 item)',
    ],
    ['telemetry_gap', { dropped: 12 }, '12 events were lost'],
    ['telemetry_gap', { dropped: 1 }, '1 event was lost'],
    [
      'agent_execution_completed',
      { success: false, error_type: 'TimeoutError', session_duration_ms: 114 },
      'failed: TimeoutError (114 ms)',
    ],
    // What the predecessor's instrumentation wrote.
    ['agent_execution_completed', { execution_result: 'error' }, 'failed: unknown error'],
    ['conversation_event', { direction: 'system_error', success: false }, 'could not answer the user'],
    ['llm_call', { model: 'm', output_tokens: 3, cost: 0 }, 'asked m (→ 3 tokens, $0)'],
    ['biometric_analysis', { metrics_available: ['hrv', null, {}, 'sleep'] }, 'read hrv, sleep'],
  ])('says of %s with %j: %s', (type, payload, expected) => {
    expect(say(type, payload)).toBe(expected)
  })

  it.each(eventTypes)('says something of %s whatever is missing or odd', (type) => {
    const odd = {
      model: 7,
      tool_name: null,
      decision: [],
      collaborating_agents: 'x',
      latency_ms: NaN,
      cost: '1',
      confidence: {},
    }
    for (const payload of [{}, { success: false }, odd, everyNumber(NaN), everyNumber(Infinity)]) {
      expect(say(type, payload)).toMatch(/^\S.*\S$/)
      expect(say(type, payload)).not.toMatch(/undefined|NaN|Infinity|null|\[object/)
    }
  })

  it('names an event type that it does not know', () => {
    expect(sentence(anEvent({ event_type: 'brand_new' as never }))).toBe('brand new')
  })
})
