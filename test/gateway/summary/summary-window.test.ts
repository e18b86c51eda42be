import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../../src/events/event.ts'
import type { Principal } from '../../../src/gateway/principal.ts'
import { SummaryWindow } from '../../../src/gateway/summary/summary-window.ts'
import { anEvent } from '../../support/events.ts'

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
    add: (event: Partial<AurenEvent>, seconds = 0) => {
      now = Math.max(now, start + seconds * 1000)
      summary.add(anEvent({ timestamp: at(seconds), payload: {}, ...event }))
    },
    knowsFrom: (seconds: number) => summary.knowsFrom(start + seconds * 1000),
    after: (seconds: number, silent?: ReadonlyMap<string, number>) => {
      now = start + seconds * 1000
      return summary.summarise(everybody, system, silent)
    },
  }
}

const measured = (latency_ms: number, success = true) => ({
  performance_metrics: { latency_ms, token_cost: 99, memory_usage_mb: 1, cpu_percentage: 1, success },
})

interface Call {
  readonly agent: string
  readonly second: number
  readonly latency: number
  readonly success: boolean
  readonly cost: number
}

describe('the performance summary', () => {
  it('has the shape of the predecessor, with quantiles, tokens, cost, state and memory tiers added', () => {
    const { add, after } = window()
    for (let latency = 1; latency <= 100; latency += 1) add(measured(latency))
    add({ event_type: 'llm_call', payload: { tokens_used: 120, cost: 0.25 }, ...measured(50) })
    add({ event_type: 'agent_execution_completed', payload: { tokens_used: 120, own_cost: 0.25 } })
    const near = (value: number): number => expect.closeTo(value, 0) as number
    expect(after(1)).toEqual({
      type: 'performance_summary',
      timestamp: '2026-11-21T05:00:01.000+00:00',
      data: {
        timestamp: '2026-11-21T05:00:01.000+00:00',
        window_seconds: 300,
        window_start: '2026-11-21T04:55:10.000+00:00',
        agents: {
          neuroscientist: {
            average_latency_ms: 5_100 / 101,
            p50_latency_ms: near(50),
            p95_latency_ms: near(95),
            p99_latency_ms: near(99),
            success_rate: 1,
            error_rate: 0,
            total_operations: 101,
            llm_calls: 101,
            tokens: 120,
            cost: 0.25,
            unpriced_calls: 100,
            last_update: '2026-11-21T05:00:00.000+00:00',
            state: 'healthy',
          },
        },
        system,
        collaboration: {},
        memory: {},
      },
    })
  })

  it.each([
    ['healthy', [measured(10), measured(20)]],
    ['slow', [measured(12_000)]],
    ['degraded', [...Array.from({ length: 9 }, () => measured(1)), measured(1, false)]],
    ['failing', [measured(1), measured(1, false)]],
  ])('calls an agent %s by its errors and its latency', (state, events) => {
    const { add, after } = window()
    for (const event of events) add(event)
    expect(after(1).data.agents['neuroscientist']?.state).toBe(state)
  })

  it('calls agents silent that were not heard in time, also when the window has nothing of them any more', () => {
    const { add, after } = window()
    add(measured(5))
    add({ ...measured(5), source_agent: { id: 'cook', role: 'Cook' } }, 2)
    const silent = new Map([
      ['neuroscientist', start],
      ['coach', start - 600_000],
      ['cook', start],
    ])
    expect(after(3, silent).data.agents).toMatchObject({
      cook: { state: 'healthy' },
      neuroscientist: { state: 'silent', total_operations: 1 },
      coach: { state: 'silent', total_operations: 0, last_update: '2026-11-21T04:50:00.000+00:00' },
    })
  })

  it('forgets what is older than its window', () => {
    const { add, after } = window()
    add(measured(5))
    expect(Object.keys(after(299).data.agents)).toEqual(['neuroscientist'])
    expect(after(301).data.agents).toEqual({})
    add(measured(5), 0)
    expect(after(301).data.agents).toEqual({})
  })

  it('begins where nothing is missing any more when the stream has lost events, and never before', () => {
    const { add, after, knowsFrom } = window()
    for (const second of [0, 100, 131, 200]) add(measured(5), second)
    knowsFrom(125)
    knowsFrom(50)
    const { window_start: from, agents } = after(210).data
    expect([from, agents['neuroscientist']?.total_operations]).toEqual(['2026-11-21T05:02:10.000+00:00', 2])
    expect(after(490).data.window_start).toBe('2026-11-21T05:03:10.000+00:00')
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
      success_rate: expect.closeTo(2 / 3) as number,
    })
  })

  it('sums up the memory tiers of all agents, and says no hit rate where nobody told of hits', () => {
    const { add, after } = window()
    const access = (tier_accessed: string, cache_hit?: boolean) => ({
      event_type: 'memory_tier_access' as const,
      payload: { tier_accessed, ...(cache_hit === undefined ? {} : { cache_hit }) },
      ...measured(10),
    })
    add(access('redis', true))
    add({ ...access('redis', false), source_agent: { id: 'coach', role: 'Coach' } })
    add(access('chromadb'))
    expect(after(1).data.memory).toMatchObject({
      redis: { accesses: 2, hits: 1, misses: 1, hit_rate: 0.5, error_rate: 0 },
      chromadb: { accesses: 1, hit_rate: null },
    })
  })

  it('says the same whatever order the events came in', () => {
    const event: fc.Arbitrary<Call> = fc.record({
      agent: fc.constantFrom('coach', 'cook'),
      second: fc.integer({ min: 0, max: 120 }),
      latency: fc.integer({ min: 0, max: 60_000 }),
      success: fc.boolean(),
      // Sixteenths add up exactly in any order.
      cost: fc.integer({ min: 0, max: 64 }).map((parts) => parts / 16),
    })
    const summaryOf = (events: readonly Call[]) => {
      const { add, after } = window()
      for (const { agent, second, latency, success, cost } of events) {
        const source_agent = { id: agent, role: agent }
        add({ event_type: 'llm_call', source_agent, payload: { cost }, ...measured(latency, success) }, second)
      }
      return after(200).data
    }
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (events, keys) => {
        const shuffled = events.map((one) => ({ one, key: keys.next().value as number })).sort((a, b) => a.key - b.key)
        expect(summaryOf(shuffled.map(({ one }) => one))).toEqual(summaryOf(events))
      }),
    )
  })
})
