import { describe, expect, it } from 'vitest'
import { SpanTranslator } from '../../src/translate/span-to-events.ts'
import { aSpan } from '../support/spans.ts'

const invoke = (name: string, more = {}) => ({
  'gen_ai.operation.name': 'invoke_agent',
  'gen_ai.agent.name': name,
  ...more,
})
const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm', 'gen_ai.usage.input_tokens': 10 }
const tool = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 't' }
const translator = () => new SpanTranslator({ captureContent: false, tenantId: null, price: () => 0.25 })

describe('agent context', () => {
  it('gives spans below an agent its identity, session and user, through spans of no interest', () => {
    const t = translator()
    const agent = aSpan(invoke('lead', { 'gen_ai.conversation.id': 's1', 'user.id': 'ann' }), { endMs: null })
    const http = aSpan({}, { parentSpanId: agent.spanId, endMs: null })
    const call = aSpan(chat, { parentSpanId: http.spanId })
    const [started] = t.started(agent)
    t.started(http)
    expect(t.ended(call)[0]).toMatchObject({
      source_agent: { id: 'lead', role: 'lead' },
      session_id: 's1',
      user_id: 'ann',
      parent_span_id: http.spanId,
      metadata: { parent_event_id: started?.event_id, ancestor_agents: ['lead'] },
    })
  })

  it('still knows the agent when a child starts after the agent has ended', () => {
    const t = translator()
    const agent = aSpan(invoke('lead'))
    t.started({ ...agent, endMs: null })
    t.ended(agent)
    expect(t.ended(aSpan(chat, { parentSpanId: agent.spanId }))[0]?.source_agent).toMatchObject({ id: 'lead' })
  })

  it('leaves the agent out when no span above names one, and takes the trace for the session', () => {
    const call = aSpan(chat, { parentSpanId: 'ffffffffffffffff' })
    expect(translator().ended(call)[0]).toMatchObject({ source_agent: null, user_id: null, session_id: call.traceId })
  })

  it('counts calls, tools, tokens and cost for the nearest agent, and hands the cost up once', () => {
    const t = translator()
    const lead = aSpan(invoke('lead'))
    const coach = aSpan(invoke('coach'), { parentSpanId: lead.spanId })
    for (const open of [lead, coach]) t.started({ ...open, endMs: null })
    t.ended(aSpan(chat, { parentSpanId: lead.spanId }))
    t.ended(aSpan(chat, { parentSpanId: coach.spanId }))
    t.ended(aSpan(chat, { parentSpanId: coach.spanId }))
    t.ended(aSpan(tool, { parentSpanId: coach.spanId }))
    const [coachDone, delegation] = t.ended(coach)
    expect(coachDone?.payload).toMatchObject({
      llm_calls_made: 2,
      tools_used: 1,
      tokens_used: 20,
      own_cost: 0.5,
      delegated_cost: 0,
    })
    expect(delegation).toMatchObject({
      event_type: 'agent_collaboration',
      source_agent: { id: 'lead' },
      target_agent: { id: 'coach' },
      payload: { collaboration_type: 'delegation', collaborating_agents: ['coach'] },
    })
    expect(t.ended(lead)[0]?.payload).toMatchObject({
      llm_calls_made: 1,
      tools_used: 0,
      tokens_used: 10,
      own_cost: 0.25,
      delegated_cost: 0.5,
    })
  })

  it('says how many calls had no price, so that the cost is known to be too low', () => {
    const t = new SpanTranslator({ captureContent: false, tenantId: null, price: () => undefined })
    const lead = aSpan(invoke('lead'))
    t.started({ ...lead, endMs: null })
    t.ended(aSpan(chat, { parentSpanId: lead.spanId }))
    t.ended(aSpan(chat, { parentSpanId: lead.spanId, status: 'error' }))
    expect(t.ended(lead)[0]?.payload).toMatchObject({ own_cost: 0, unpriced_calls: 1 })
  })

  it('gives a second event of one span an id of its own, and the same ids when it is sent again', () => {
    const lead = aSpan(invoke('lead'))
    const coach = aSpan(invoke('coach'), { parentSpanId: lead.spanId })
    const ids = () => {
      const t = translator()
      t.enter(lead)
      return t.ended(coach).map(({ event_id: id }) => id)
    }
    expect(new Set(ids()).size).toBe(2)
    expect(ids()).toEqual(ids())
  })
})
