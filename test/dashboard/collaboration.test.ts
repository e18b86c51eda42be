import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldRuns, noRuns } from '../../src/client/live-runs.ts'
import { layOut } from '../../src/dashboard/collaboration/layout.ts'
import { relationsOf } from '../../src/dashboard/collaboration/relations.ts'
import { agentCards } from '../../src/dashboard/now/agent-cards.ts'
import type { Input } from '../../src/dashboard/state/input.ts'
import { minuteOf } from '../../src/dashboard/state/last-minutes.ts'
import { foldTotals, noTotals } from '../../src/dashboard/state/totals.ts'
import { toTimestamp } from '../../src/events/timestamp.ts'
import type { AurenEvent } from '../../src/events/event.ts'
import { anEvent } from '../support/events.ts'

const now = Date.parse('2026-11-21T12:00:30Z')
const agent = (id: string) => ({ id, role: id.toUpperCase() })
const gave = (from: string, to: string, payload: AurenEvent['payload'] = {}) =>
  anEvent({
    event_type: 'agent_collaboration',
    timestamp: toTimestamp(now),
    source_agent: agent(from),
    target_agent: agent(to),
    payload: { collaborating_agents: [to], collaboration_type: 'delegation', success: true, ...payload },
  })
const started = (id: string, span: string, parent: string | null) =>
  anEvent({
    event_type: 'agent_execution_started',
    timestamp: toTimestamp(now),
    source_agent: agent(id),
    span_id: span,
    parent_span_id: parent,
    payload: {},
  })

function relations(events: readonly AurenEvent[]) {
  const messages = events.map((event) => ({ type: 'stream_event', id: 'c', event }) as const)
  const inputs = messages.map((message): Input => ({ type: 'message', message, at: now }))
  const cards = agentCards(foldRuns(noRuns, messages), undefined, now)
  return relationsOf(foldTotals(noTotals, inputs, 0), minuteOf(now), cards)
}

describe('who works with whom', () => {
  it('is counted by giver and taker, with kinds, failures and the mean time', () => {
    expect(
      relations([
        gave('lead', 'coach', { resolution_time_ms: 100 }),
        gave('lead', 'coach', { resolution_time_ms: 300, success: false }),
        gave('lead', 'coach', { collaboration_type: 'handoff' }),
        gave('coach', 'lead'),
      ]),
    ).toMatchObject([
      { from: 'coach', to: 'lead', times: 1, failed: 0, meanMs: undefined },
      {
        from: 'lead',
        fromRole: 'LEAD',
        toRole: 'COACH',
        times: 3,
        failed: 1,
        meanMs: 200,
        kinds: [
          ['delegation', 2],
          ['handoff', 1],
        ],
      },
    ])
  })

  it('counts an event of several partners for each of them, and of one with itself for nobody', () => {
    const several = relations([gave('lead', 'coach', { collaborating_agents: ['coach', 'cook', 'lead', 7, ''] })])
    expect(several.map(({ to }) => to)).toEqual(['coach', 'cook'])
    expect(relations([gave('lead', 'lead')])).toEqual([])
  })

  it('shows who waits for whom from the moment on in which the other one starts', () => {
    const open = relations([started('lead', 'a1', null), started('coach', 'a2', 'a1'), started('coach', 'a3', 'a1')])
    expect(open).toMatchObject([{ from: 'lead', to: 'coach', times: 0, waiting: 2, waitingSince: toTimestamp(now) }])
  })
})

describe('the places of agents', () => {
  const pair = fc.record({ from: fc.constantFrom(...'abcdef'), to: fc.constantFrom(...'abcdef') })

  it('are to the right of those that give to them', () => {
    const places = layOut([
      { from: 'lead', to: 'coach' },
      { from: 'coach', to: 'cook' },
      { from: 'lead', to: 'cook' },
      { from: 'cook', to: 'lead' },
    ])
    // A circle begins with the first by name.
    expect([...places].toSorted(([, a], [, b]) => a.x - b.x).map(([id]) => id)).toEqual(['coach', 'cook', 'lead'])
    const tree = layOut([
      { from: 'lead', to: 'coach' },
      { from: 'coach', to: 'cook' },
      { from: 'lead', to: 'cook' },
    ])
    expect([...tree].toSorted(([, a], [, b]) => a.x - b.x).map(([id]) => id)).toEqual(['lead', 'coach', 'cook'])
  })

  it('are the same in whatever order relations come, and nobody stands on another one', () => {
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 20 }), (pairs) => {
        const places = layOut(pairs)
        const sorted = (map: typeof places) => [...map].toSorted(([a], [b]) => a.localeCompare(b))
        expect(sorted(layOut(pairs.toReversed()))).toEqual(sorted(places))
        expect(new Set([...places.values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(places.size)
      }),
    )
  })
})
