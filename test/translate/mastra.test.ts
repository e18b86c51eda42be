import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { EventPipeline } from '../../src/exporters/event-pipeline.ts'
import { SpanTranslator } from '../../src/translate/span-to-events.ts'
import { recordedSpans } from '../support/otlp-fixture.ts'

function published(recording: string): AurenEvent[] {
  const events: AurenEvent[] = []
  const translator = new SpanTranslator({ captureContent: false, tenantId: null })
  new EventPipeline(translator, [], [{ write: (more) => events.push(...more) }]).spansEnded(recordedSpans(recording))
  return events
}

const of = (events: readonly AurenEvent[], wanted: string) => events.filter(({ event_type: type }) => type === wanted)
const sum = (events: readonly AurenEvent[], key: string) =>
  events.reduce((total, { payload }) => total + Number(payload[key] ?? 0), 0)

describe('recorded spans of Mastra', () => {
  it.each([
    ['mastra/agent-stream', { calls: 2, input: 154, output: 196, cached: 64, reasoning: 128 }],
    ['mastra/tool-failure', { calls: 2, input: 113, output: 168, cached: 32, reasoning: 128 }],
    ['mastra/agent-handoff', { calls: 5, input: 428, output: 427, cached: 144, reasoning: 320 }],
    ['mastra/workflow', { calls: 4, input: 271, output: 361, cached: 96, reasoning: 256 }],
  ])('%s gives each served call once, though steps and generations lie around it', (recording, expected) => {
    const events = published(recording)
    const calls = of(events, 'llm_call')
    const tokens = ['input_tokens', 'output_tokens', 'cached_input_tokens', 'reasoning_tokens']
    const [input, output, cached, reasoning] = tokens.map((key) => sum(calls, key))
    expect({ calls: calls.length, input, output, cached, reasoning }).toEqual(expected)
    const own = sum(of(events, 'agent_execution_completed'), 'own_cost')
    expect(own).toBeCloseTo(sum(calls, 'cost'), 12)
    expect(own).toBeGreaterThan(0)
  })

  it('names agents by id and role, and the sub-agent that was called as a tool', () => {
    const events = published('mastra/agent-handoff')
    expect(
      of(events, 'tool_usage').map(({ source_agent: agent, payload }) => [agent?.id, payload['tool_name']]),
    ).toEqual([
      ['neuroscientist', 'hrv_lookup'],
      ['training_coach', 'plan_session'],
      ['neuroscientist', 'agent-trainingCoach'],
    ])
    expect(of(events, 'agent_collaboration')).toMatchObject([
      {
        source_agent: { id: 'neuroscientist', role: 'Neuroscientist' },
        target_agent: { id: 'training_coach', role: 'Training Coach' },
        payload: { collaboration_type: 'delegation' },
        metadata: { dialect: 'mastra' },
      },
    ])
  })

  it('tells the wait for the first token only of the call it belongs to', () => {
    const waits = of(published('mastra/agent-stream'), 'llm_call').map(
      ({ payload }) => payload['time_to_first_token_ms'],
    )
    expect(waits).toEqual([expect.any(Number), undefined])
  })

  it('shows what an agent recalls and saves as memory accesses of its thread, and says nothing of hits', () => {
    const events = published('mastra/agent-memory')
    const accesses = of(events, 'memory_tier_access')
    expect(accesses.map(({ payload }) => payload['operation'])).toEqual(['recall', 'save', 'recall', 'save'])
    for (const access of accesses) {
      expect(access).toMatchObject({ source_agent: { id: 'neuroscientist' }, payload: { tier_accessed: 'mastra' } })
      expect(access.payload).not.toHaveProperty('cache_hit')
      expect(JSON.stringify(access)).not.toContain('a-17')
    }
    for (const event of events) expect(event).toMatchObject({ session_id: 'sess-9', user_id: 'user-5' })
  })

  it('sees a refused call as failed, though its span says OK', () => {
    const events = published('mastra/model-refused')
    expect(events.map(({ event_type: type, payload }) => [type, payload['success'], payload['error_type']])).toEqual([
      ['llm_call', false, '_OTHER'],
      ['agent_execution_completed', false, '_OTHER'],
    ])
    expect(events[0]?.payload).not.toHaveProperty('cost')
  })

  it('says which tool failed', () => {
    const [tool] = of(published('mastra/tool-failure'), 'tool_usage')
    expect(tool?.payload).toMatchObject({ tool_name: 'force_plate_export', success: false })
  })
})
