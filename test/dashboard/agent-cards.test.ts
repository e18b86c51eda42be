import { describe, expect, it } from 'vitest'
import { foldRuns, noRuns, withTree } from '../../src/client/live-runs.ts'
import { agentCards } from '../../src/dashboard/now/agent-cards.ts'
import { Run } from '../../src/gateway/runs/run.ts'
import { RunView } from '../../src/gateway/runs/run-view.ts'
import type { AurenEvent } from '../../src/events/event.ts'
import { anEvent } from '../support/events.ts'

const trace = 'f'.repeat(32)
const start = Date.parse('2026-11-21T04:30:00Z')

function step(
  type: AurenEvent['event_type'],
  span: string,
  agent: string,
  fields: Partial<AurenEvent> = {},
): AurenEvent {
  const timestamp = new Date(start).toISOString().replace('Z', '+00:00')
  const source_agent = { id: agent, role: agent.toUpperCase() }
  return anEvent({
    event_id: `${span}-${type}`,
    trace_id: trace,
    span_id: span,
    event_type: type,
    timestamp,
    source_agent,
    payload: {},
    ...fields,
  })
}

/** The runs as a client has them when the gateway was heard so many milliseconds after the events. */
function runsAfter(events: readonly AurenEvent[], ms: number) {
  const run = new Run(trace, null)
  for (const event of events) run.absorb(event, start)
  const tree = new RunView(run, new Set(run.owners.keys()), start + ms).tree()
  return withTree(
    foldRuns(
      noRuns,
      events.map((event) => ({ type: 'stream_event', id: 'c', event })),
    ),
    tree,
  )
}

const waiting = [
  step('agent_execution_started', 'a1', 'lead'),
  step('agent_execution_started', 'a2', 'coach', { parent_span_id: 'a1' }),
  step('tool_usage_started', 't1', 'coach', { parent_span_id: 'a2', payload: { tool_name: 'plan' } }),
]
const states = (cards: ReturnType<typeof agentCards>) => Object.fromEntries(cards.map(({ id, state }) => [id, state]))

describe('the cards of agents', () => {
  it('say who works at what, and who waits for whom, before the gateway has said anything of the run', () => {
    const runs = foldRuns(
      noRuns,
      waiting.map((event) => ({ type: 'stream_event', id: 'c', event })),
    )
    const cards = agentCards(runs, undefined, start)
    expect(states(cards)).toEqual({ coach: 'working', lead: 'waiting' })
    expect(cards[0]?.doing.map(({ step: { name }, isWait }) => [name, isWait])).toEqual([['plan', false]])
    expect(cards[1]?.doing.map(({ step: { name }, isWait }) => [name, isWait])).toEqual([['COACH', true]])
  })

  it('are there for agents of runs that the gateway no longer keeps, and take nobody there for at work', () => {
    const runs = foldRuns(
      noRuns,
      waiting.map((event) => ({ type: 'stream_event', id: 'c', event })),
    )
    const cards = agentCards(runs, undefined, start + 20 * 60_000)
    expect(states(cards)).toEqual({ coach: 'idle', lead: 'idle' })
    expect(cards.map(({ role, lastAt }) => [role, Date.parse(lastAt ?? '')])).toEqual([
      ['COACH', start],
      ['LEAD', start],
    ])
  })

  it('call an agent silent when its run was not heard of in time', () => {
    expect(states(agentCards(runsAfter(waiting, 1_000), undefined, start))).toEqual({
      coach: 'working',
      lead: 'waiting',
    })
    expect(states(agentCards(runsAfter(waiting, 6 * 60_000), undefined, start))).toEqual({
      coach: 'silent',
      lead: 'silent',
    })
  })

  it('call an agent looping that repeats a step, and say which', () => {
    const again = Array.from({ length: 12 }, (_, index) =>
      step('tool_usage', `t${index + 2}`, 'coach', { parent_span_id: 'a2', payload: { tool_name: 'search' } }),
    )
    const coach = agentCards(runsAfter([...waiting, ...again], 1_000), undefined, start).find(
      ({ id }) => id === 'coach',
    )
    expect(coach).toMatchObject({ state: 'looping', loop: { step: 'tool search', times: 12 } })
  })

  it('have tokens and cost of all kept runs, own and delegated', () => {
    const call = step('llm_call', 'm1', 'coach', {
      parent_span_id: 'a2',
      payload: { model: 'gpt-5-mini', input_tokens: 10, output_tokens: 5, cost: 0.02 },
    })
    const [coach, lead] = agentCards(runsAfter([...waiting, call], 1_000), undefined, start)
    expect(coach).toMatchObject({ tokens: 15, ownCost: 0.02, delegatedCost: 0 })
    expect(lead).toMatchObject({ tokens: 0, ownCost: 0, delegatedCost: 0.02 })
  })

  it('keep their places while agents work', () => {
    const order = agentCards(runsAfter(waiting, 0), undefined, start).map(({ id }) => id)
    expect(
      agentCards(
        runsAfter([...waiting, step('tool_usage', 't1', 'coach', { parent_span_id: 'a2' })], 0),
        undefined,
        start,
      ).map(({ id }) => id),
    ).toEqual(order)
  })
})
