import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { SummaryWindow } from '../../src/gateway/performance-summary.ts'
import type { Principal } from '../../src/gateway/principal.ts'
import { anEvent } from '../support/events.ts'

const everybody: Principal = {
  userId: 'u',
  tenantId: null,
  permissions: new Set(['all']),
  agents: null,
  expiresAt: null,
  maxEventsPerMinute: null,
}
const system = { active_connections: 1, events_sent: 2, uptime_seconds: 3 }
const start = Date.parse('2026-11-21T05:00:00Z')

function window() {
  let now = start
  const summary = new SummaryWindow(() => now)
  const at = (seconds: number) => new Date(start + seconds * 1000).toISOString()
  return {
    add: (event: Partial<AurenEvent>, seconds = 0) =>
      summary.add(anEvent({ timestamp: at(seconds), payload: {}, ...event })),
    after: (seconds: number) => {
      now = start + seconds * 1000
      return summary.summarise(everybody, system)
    },
  }
}

const measured = (latency_ms: number, success = true) => ({
  performance_metrics: { latency_ms, token_cost: 99, memory_usage_mb: 1, cpu_percentage: 1, success },
})

describe('the performance summary', () => {
  it('has the shape of the predecessor, with latency, tokens, cost and state added', () => {
    const { add, after } = window()
    for (let latency = 1; latency <= 100; latency += 1) add(measured(latency))
    add({ event_type: 'llm_call', payload: { tokens_used: 120, cost: 0.25 }, ...measured(50) })
    add({ event_type: 'agent_execution_completed', payload: { tokens_used: 120, own_cost: 0.25 } })
    expect(after(1)).toEqual({
      type: 'performance_summary',
      timestamp: '2026-11-21T05:00:01.000+00:00',
      data: {
        timestamp: '2026-11-21T05:00:01.000+00:00',
        window_seconds: 300,
        agents: {
          neuroscientist: {
            average_latency_ms: 5_100 / 101,
            p50_latency_ms: 50,
            p95_latency_ms: 95,
            success_rate: 1,
            error_rate: 0,
            total_operations: 101,
            tokens: 120,
            cost: 0.25,
            last_update: '2026-11-21T05:00:00.000+00:00',
            state: 'healthy',
          },
        },
        system,
        collaboration: {},
      },
    })
  })

  it.each([
    ['healthy', [measured(10), measured(20)]],
    ['slow', [measured(10_241)]],
    ['degraded', [...Array.from({ length: 9 }, () => measured(1)), measured(1, false)]],
    ['failing', [measured(1), measured(1, false)]],
  ])('calls an agent %s by its errors and its latency', (state, events) => {
    const { add, after } = window()
    for (const event of events) add(event)
    expect(after(1).data.agents['neuroscientist']?.state).toBe(state)
  })

  it('calls an agent silent when it has work open and nothing came for 30 s', () => {
    const { add, after } = window()
    add({ event_type: 'agent_execution_started' })
    expect(after(30).data.agents['neuroscientist']?.state).toBe('healthy')
    expect(after(31).data.agents['neuroscientist']?.state).toBe('silent')
    add({ event_type: 'agent_execution_completed' }, 31)
    expect(after(62).data.agents['neuroscientist']?.state).toBe('healthy')
  })

  it('forgets what is older than its window', () => {
    const { add, after } = window()
    add(measured(5))
    expect(Object.keys(after(300).data.agents)).toEqual(['neuroscientist'])
    expect(after(301).data.agents).toEqual({})
  })

  it('counts collaborations and their partners', () => {
    const { add, after } = window()
    const together = (partner: string) => ({
      event_type: 'agent_collaboration' as const,
      payload: { collaborating_agents: [partner] },
    })
    add(together('coach'))
    add(together('cook'))
    add({ ...together('cook'), ...measured(1, false) })
    expect(after(1).data.collaboration['neuroscientist']).toMatchObject({
      total_collaborations: 3,
      unique_partners: 2,
      success_rate: 2 / 3,
    })
  })
})
