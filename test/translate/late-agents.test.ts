import { describe, expect, it } from 'vitest'
import { SpanTranslator } from '../../src/translate/span-to-events.ts'
import type { SpanRecord } from '../../src/translate/span-record.ts'
import { recordedSpans } from '../support/otlp-fixture.ts'
import { receivedRequests } from '../support/received.ts'
import { aSpan } from '../support/spans.ts'

const invoke = (name: string) => ({ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': name })
const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 10, 'gen_ai.usage.output_tokens': 0 }
const translator = () => new SpanTranslator({ captureContent: false, tenantId: null, price: () => 0.25 })
const ended = (spans: readonly SpanRecord[]) => {
  const t = translator()
  return spans.flatMap((span) => t.ended(span))
}

describe('an agent whose span comes long after its children', () => {
  it('is charged for calls that were published before it was known, through spans of no interest', () => {
    const lead = aSpan(invoke('lead'))
    const http = aSpan({}, { parentSpanId: lead.spanId })
    const coach = aSpan(invoke('coach'), { parentSpanId: http.spanId })
    const events = ended([
      aSpan(chat, { parentSpanId: http.spanId }),
      aSpan(chat, { parentSpanId: coach.spanId }),
      coach,
      http,
      lead,
    ])
    const done = events.filter(({ event_type: type }) => type === 'agent_execution_completed')
    expect(done.map(({ payload }) => payload)).toMatchObject([
      { llm_calls_made: 1, tokens_used: 10, own_cost: 0.25, delegated_cost: 0 },
      { llm_calls_made: 1, tokens_used: 10, own_cost: 0.25, delegated_cost: 0.25 },
    ])
  })

  it('is not charged twice when some of its spans are known before', () => {
    const lead = aSpan(invoke('lead'))
    const t = translator()
    t.ended(aSpan(chat, { parentSpanId: lead.spanId }))
    t.started({ ...lead, endMs: null })
    t.ended(aSpan(chat, { parentSpanId: lead.spanId }))
    expect(t.ended(lead)[0]?.payload).toMatchObject({ llm_calls_made: 2, own_cost: 0.5 })
  })

  it('is charged when its start was seen and said nothing of an agent, as LangChain’s does under OpenInference', () => {
    const lead = aSpan(invoke('lead'))
    const step = aSpan({}, { parentSpanId: lead.spanId })
    const t = translator()
    for (const span of [lead, step]) t.started({ ...span, attributes: {}, endMs: null })
    for (const span of [aSpan(chat, { parentSpanId: step.spanId }), step]) t.ended(span)
    expect(t.ended(lead)[0]?.payload).toMatchObject({ llm_calls_made: 1, own_cost: 0.25 })
  })

  it('adds up for a LangGraph supervisor and for VoltAgent, of which each span comes alone', () => {
    for (const recording of ['langchain-openinference/supervisor', 'voltagent/supervisor', 'ai-sdk-v7/agent-handoff']) {
      const alone = receivedRequests(recordedSpans(recording).map((span) => [span]))
      const together = receivedRequests([recordedSpans(recording)])
      const bill = (events: typeof alone) =>
        events
          .filter(({ event_type: type }) => type === 'agent_execution_completed')
          .map(({ source_agent: agent, payload }) => [agent?.id, payload['llm_calls_made'], payload['tokens_used']])
      expect(bill(alone)).toEqual(bill(together))
    }
  })
})

it('ends with spans that claim to be each other’s parents, or their own', () => {
  const [a, b] = [aSpan(chat), aSpan(chat)]
  const circle = [
    { ...a, parentSpanId: b.spanId },
    { ...b, parentSpanId: a.spanId },
    { ...aSpan(chat), spanId: '00000000000000aa', parentSpanId: '00000000000000aa' },
  ]
  expect(ended(circle).length).toBeGreaterThan(0)
  expect(receivedRequests([circle]).length).toBeGreaterThan(0)
})
