import { describe, expect, it } from 'vitest'
import { matches } from '../../src/client/event-match.ts'
import type { EventWish } from '../../src/client/event-match.ts'
import { anEvent } from '../support/events.ts'

const event = anEvent({
  event_type: 'llm_call',
  source_agent: { id: 'coach', role: 'Coach' },
  target_agent: { id: 'nutritionist', role: 'Nutritionist' },
  session_id: 'session-1',
  user_id: 'ann',
  payload: { model: 'gpt-5-mini', latency_ms: 700, cost: 0.02, success: false, error_type: 'TimeoutError' },
})

describe('an event is what its reader wants', () => {
  it.each<[string, EventWish, EventWish]>([
    ['agent that acts', { agents: ['coach', 'other'] }, { agents: ['other'] }],
    ['agent that is acted on', { agents: ['nutritionist'] }, { agents: ['Nutritionist'] }],
    ['type', { types: ['llm_call'] }, { types: ['tool_usage'] }],
    ['session', { session: 'session-1' }, { session: 'session' }],
    ['user', { user: 'ann' }, { user: 'bob' }],
    ['text of its sentence', { text: 'ASKED gpt' }, { text: 'claude' }],
    ['time that it took', { slowerThanMs: 699 }, { slowerThanMs: 700 }],
    ['cost', { costlierThan: 0.01 }, { costlierThan: 0.02 }],
  ])('by its %s', (_name, wanted, other) => {
    expect(matches(event, wanted)).toBe(true)
    expect(matches(event, other)).toBe(false)
  })

  it('by its failure, and by all wishes at once', () => {
    expect(matches(event, { failed: true })).toBe(true)
    expect(matches({ ...event, payload: { success: true } }, { failed: true })).toBe(false)
    expect(matches(event, { agents: ['coach'], user: 'bob' })).toBe(false)
    expect(matches(event, {})).toBe(true)
  })

  it('never by a time or a cost that nobody knows', () => {
    const unknown = anEvent({ event_type: 'agent_decision', payload: {} })
    expect(matches(unknown, { slowerThanMs: 0 })).toBe(false)
    expect(matches(unknown, { costlierThan: 0 })).toBe(false)
  })
})
