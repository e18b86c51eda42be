import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cachedShare, costsOf } from '../../src/dashboard/cost/costs.ts'
import type { Input } from '../../src/dashboard/state/input.ts'
import { minuteOf } from '../../src/dashboard/state/last-minutes.ts'
import { foldTotals, noTotals } from '../../src/dashboard/state/totals.ts'
import { toTimestamp } from '../../src/events/timestamp.ts'
import type { AurenEvent } from '../../src/events/event.ts'
import { anEvent } from '../support/events.ts'

const now = Date.parse('2026-11-21T12:00:30Z')
const agent = (id: string) => ({ id, role: id.toUpperCase() })

function call(payload: AurenEvent['payload'], fields: Partial<AurenEvent> = {}): AurenEvent {
  return anEvent({
    timestamp: toTimestamp(now),
    source_agent: agent('coach'),
    payload: { model: 'm1', success: true, ...payload },
    ...fields,
  })
}

const live = (event: AurenEvent): Input => ({
  type: 'message',
  message: { type: 'stream_event', id: 'c', event },
  at: now,
})
const costs = (inputs: readonly Input[], at = now) => costsOf(foldTotals(noTotals, inputs, 0), minuteOf(at))

describe('the bill of the last minutes', () => {
  it('counts leaf calls alone, and not those that are counted elsewhere', () => {
    const { total } = costs(
      [
        call({ cost: 0.5, input_tokens: 10, output_tokens: 2 }),
        call({ cost: 0, counted_elsewhere: true }),
        call({ tokens_used: 900 }, { event_type: 'llm_call_started' }),
        call({ own_cost: 0.5, delegated_cost: 4, cost: 9 }, { event_type: 'agent_execution_completed' }),
      ].map(live),
    )
    expect(total).toMatchObject({ calls: 1, cost: 0.5, input: 10, output: 2 })
  })

  it('counts an event once that the past and the feed both tell', () => {
    const [one, two] = [call({ cost: 1 }), call({ cost: 2 })]
    const inputs: Input[] = [
      { type: 'history', events: [one, two, two], before: undefined },
      { type: 'past', events: [two, one], since: undefined },
      live(two),
      live(call({ cost: 4 })),
    ]
    expect(costs(inputs).total).toMatchObject({ calls: 3, cost: 7 })
  })

  it('gives a call to its agent, and to every agent above it as delegated', () => {
    const deep = call({ cost: 3 }, { metadata: { ancestor_agents: ['crew', 'lead', 'coach'] } })
    const own = call({ cost: 1 }, { source_agent: agent('lead'), metadata: { ancestor_agents: ['crew', 'lead'] } })
    const { agents } = costs([live(deep), live(own)])
    expect(agents.map(({ id, cost, delegated }) => [id, cost, delegated]).toSorted()).toEqual([
      ['coach', 3, 0],
      ['crew', 0, 4],
      ['lead', 1, 3],
    ])
  })

  it('says how many calls have no price, of failed ones none', () => {
    const above = { metadata: { ancestor_agents: ['lead', 'coach'] } }
    const { total, agents } = costs([call({}, above), call({ success: false }), call({ cost: 0 })].map(live))
    expect(total).toMatchObject({ calls: 3, unpriced: 1, failed: 1 })
    expect(agents.find(({ id }) => id === 'lead')).toMatchObject({ delegatedUnpriced: 1, unpriced: 0 })
  })

  it('has the share of the input that was cached', () => {
    const { total, models } = costs(
      [call({ input_tokens: 80, cached_input_tokens: 60 }), call({ input_tokens: 20 }), call({ model: 'm2' })].map(
        live,
      ),
    )
    expect(cachedShare(total)).toBe(0.6)
    expect(models.map((model) => [model.name, cachedShare(model)])).toEqual([
      ['m1', 0.6],
      ['m2', undefined],
    ])
  })

  it('forgets what is older than the minutes it shows, and takes what is in the future for now', () => {
    const inputs = [
      call({ cost: 1 }, { timestamp: toTimestamp(now - 14 * 60_000) }),
      call({ cost: 2 }, { timestamp: toTimestamp(now - 15 * 60_000) }),
      call({ cost: 4 }, { timestamp: toTimestamp(now + 3_600_000) }),
      call({ cost: 8 }, { timestamp: 'never' }),
    ].map(live)
    expect(costs(inputs).total.cost).toBe(5)
    expect(costs(inputs).minutes.map(({ cost }) => cost)).toEqual([1, ...Array<number>(13).fill(0), 4])
    expect(costs(inputs, now + 60_000).total.cost).toBe(4)
  })

  it('comes to the same by agent, by model, by session and by minute, however the events are cut into frames', () => {
    const anyCall = fc.record({
      cost: fc.integer({ min: 0, max: 100 }),
      agent: fc.constantFrom('a', 'b'),
      session: fc.constantFrom('s', 't', null),
      model: fc.constantFrom('m', 'n', undefined),
      minutesAgo: fc.integer({ min: 0, max: 14 }),
    })
    fc.assert(
      fc.property(fc.array(anyCall, { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (calls, size) => {
        const inputs = calls.map(({ agent: id, session, minutesAgo, ...payload }) =>
          live(
            call(payload, {
              source_agent: agent(id),
              session_id: session,
              timestamp: toTimestamp(now - minutesAgo * 60_000),
            }),
          ),
        )
        let totals = noTotals
        for (let from = 0; from < inputs.length; from += size)
          totals = foldTotals(totals, inputs.slice(from, from + size), 0)
        const { total, agents, models, sessions, minutes } = costsOf(totals, minuteOf(now))
        const expected = calls.reduce((sum, { cost }) => sum + cost, 0)
        expect(total).toMatchObject({ cost: expected, calls: calls.length })
        for (const part of [agents, models, sessions, minutes])
          expect(part.reduce((sum, { cost }) => sum + cost, 0)).toBe(expected)
      }),
    )
  })

  it('loses nothing where there are more sessions than it tells apart', () => {
    const inputs = Array.from({ length: 2_100 }, (_, index) => live(call({ cost: 1 }, { session_id: `s${index}` })))
    const { total, sessions } = costs(inputs)
    expect(total.cost).toBe(2_100)
    expect(sessions.find(({ name }) => name === 'others')?.cost).toBe(100)
  })
})
