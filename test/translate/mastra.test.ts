import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { received } from '../support/received.ts'

const of = (recording: string, wanted: AurenEvent['event_type']) =>
  received(recording).filter(({ event_type: type }) => type === wanted)

describe('recorded spans of Mastra', () => {
  it('name an agent by its id, its role by its name', () => {
    expect(of('mastra/agent-handoff', 'agent_collaboration')).toMatchObject([
      {
        source_agent: { id: 'neuroscientist', role: 'Neuroscientist' },
        target_agent: { id: 'training_coach', role: 'Training Coach' },
        metadata: { dialect: 'mastra', platform: 'mastra' },
      },
    ])
  })

  it('tell the wait for the first token only of the call it belongs to', () => {
    const waits = of('mastra/agent-stream', 'llm_call').map(({ payload }) => payload['time_to_first_token_ms'])
    expect(waits).toEqual([expect.any(Number), undefined])
  })

  it('show what an agent recalls and saves as memory accesses, not what was in them, and say nothing of hits', () => {
    const accesses = of('mastra/agent-memory', 'memory_tier_access')
    expect(accesses.map(({ payload }) => payload['operation'])).toEqual(['recall', 'save', 'recall', 'save'])
    for (const access of accesses) {
      expect(access).toMatchObject({ source_agent: { id: 'neuroscientist' }, payload: { tier_accessed: 'mastra' } })
      expect(access.payload).not.toHaveProperty('cache_hit')
      expect(JSON.stringify(access)).not.toContain('a-17')
    }
  })
})
