import { describe, expect, it } from 'vitest'
import type { SpanRecord } from '../../src/translate/span-record.ts'
import { expectTheCrew, sources } from '../support/crew.ts'
import { recordedRequests } from '../support/otlp-fixture.ts'
import { received, receivedRequests } from '../support/received.ts'
import { aSpan } from '../support/spans.ts'

describe('a recorded CrewAI crew', () => {
  it.each(sources)('is told by $name as it was, starts included', (source) => {
    expectTheCrew(received(source.recording), source)
  })

  it.each(sources)('is told by $name as it was without its starts too', (source) => {
    const ends = recordedRequests(source.recording).map((spans) => spans.filter(({ endMs }) => endMs !== null))
    const events = receivedRequests([ends.flat()])
    const completed = events.filter(({ event_type: type }) => type === 'agent_execution_completed')
    expect(completed).toHaveLength(4)
    expect(events.filter(({ event_type: type }) => type === 'agent_collaboration')).toHaveLength(1)
    expect(events.filter(({ event_type: type }) => type === 'llm_call')).toHaveLength(
      source.calls.chat + source.calls.embeddings,
    )
  })
})

describe('a delegation that OpenInference wraps', () => {
  const tool = (attributes: SpanRecord['attributes'], more: Partial<SpanRecord> = {}) =>
    aSpan(
      { 'openinference.span.kind': 'TOOL', 'tool.name': 'Delegate work to coworker', ...attributes },
      { scope: 'openinference.instrumentation.crewai', parentSpanId: lead.spanId, ...more },
    )
  const lead = aSpan(
    { 'openinference.span.kind': 'AGENT', 'graph.node.id': 'lead\n' },
    { scope: 'openinference.instrumentation.crewai' },
  )
  const told = (span: SpanRecord) =>
    receivedRequests([[span, lead]]).map(({ event_type: type, source_agent: agent, payload }) => [
      type,
      agent?.id,
      payload,
    ])

  it('is a failed execution when the coworker is not there, as only the result says', () => {
    const span = tool({
      'input.value': '{"task": "Plan", "coworker": "nobody"}',
      'output.value': '\nError executing tool. coworker mentioned not found, it must be one of …',
    })
    const failed = { success: false, error_type: 'delegation_failed' }
    expect(told(span)).toMatchObject([
      ['agent_execution_completed', 'nobody', { execution_result: 'error', ...failed }],
      ['tool_usage', 'lead', { tool_name: 'delegate_work_to_coworker', ...failed }],
      ['agent_collaboration', 'lead', { collaborating_agents: ['nobody'], ...failed }],
      ['agent_execution_completed', 'lead', { tools_used: 1 }],
    ])
  })

  it('is a consultation when a question is asked', () => {
    const span = tool({ 'tool.name': 'Ask question to coworker', 'input.value': '{"coworker": "coach"}' })
    expect(told(span)).toContainEqual([
      'agent_collaboration',
      'lead',
      expect.objectContaining({ collaboration_type: 'consultation' }),
    ])
  })

  it('is a tool and no more when its arguments are hidden', () => {
    expect(told(tool({ 'input.value': '__REDACTED__' })).map(([type]) => type)).toEqual([
      'tool_usage',
      'agent_execution_completed',
    ])
  })
})
