import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../../src/events/event.ts'
import { processGone } from '../../../src/exporters/process-gone.ts'
import type { Principal } from '../../../src/gateway/principal.ts'
import { bookAt, everything } from '../../support/run-book.ts'
import { heartbeat, spanOf, stepEvents, traceId, zero } from '../../support/run-events.ts'
import type { StepPlan } from '../../support/run-events.ts'

const crew: readonly StepPlan[] = [
  { id: 1, kind: 'agent', agent: 'lead', from: 0 },
  { id: 2, kind: 'model', parent: 1, agent: 'lead', from: 1, to: 3, name: 'big', tokens: 100, cost: 0.5 },
  { id: 3, kind: 'tool', parent: 1, agent: 'lead', from: 4, name: 'delegate' },
  { id: 4, kind: 'agent', parent: 3, agent: 'coach', from: 5 },
  { id: 5, kind: 'model', parent: 4, agent: 'coach', from: 6, to: 9, name: 'small', tokens: 40, cost: 0.25 },
  { id: 6, kind: 'tool', parent: 4, agent: 'coach', from: 10, name: 'search' },
]

describe('a run while it runs', () => {
  it('is a tree of open and finished steps with true times, and what they cost so far', () => {
    const { run } = bookAt(12, crew.flatMap(stepEvents))
    expect(run()).toMatchObject({
      name: 'lead',
      status: 'running',
      session_id: 'session-1',
      user_id: 'user-1',
      started_at: '2026-11-21T05:00:00.000+00:00',
      last_event_at: '2026-11-21T05:00:10.000+00:00',
      ended_at: null,
      steps: 6,
      open_steps: 4,
      llm_calls: 2,
      tool_calls: 0,
      tokens: 140,
      cost: 0.75,
      unpriced_calls: 0,
      agents: [
        { id: 'lead', open: true, tokens: 100, own_cost: 0.5, delegated_cost: 0.25 },
        { id: 'coach', open: true, tokens: 40, own_cost: 0.25, delegated_cost: 0 },
      ],
    })
    expect(run().tree.map(({ span_id, parent, status }) => [span_id, parent, status])).toEqual([
      [spanOf(1), null, 'open'],
      [spanOf(2), spanOf(1), 'ok'],
      [spanOf(3), spanOf(1), 'open'],
      [spanOf(4), spanOf(3), 'open'],
      [spanOf(5), spanOf(4), 'ok'],
      [spanOf(6), spanOf(4), 'open'],
    ])
  })

  it('says who waits for whom', () => {
    const wait = (agent: string, kind: string, name: string, id: number, second: string) => ({
      agent,
      for: { kind, name, span_id: spanOf(id) },
      since: `2026-11-21T05:00:${second}.000+00:00`,
    })
    expect(bookAt(12, crew.flatMap(stepEvents)).run().waits).toEqual([
      wait('lead', 'agent', 'coach', 4, '05'),
      wait('coach', 'tool', 'search', 6, '10'),
    ])
  })

  it('lets nobody wait whose process is gone', () => {
    const [first] = crew.flatMap(stepEvents) as (AurenEvent & { trace_id: string })[]
    const gone = first && [processGone(first, '7-abc', zero + 30_000)]
    const { run } = bookAt(60, [...crew.flatMap(stepEvents), heartbeat(12, [1, 3, 4, 6]), ...(gone ?? [])])
    expect(run()).toMatchObject({ status: 'crashed', waits: [] })
  })

  it('lets who lives wait for what is lost', () => {
    const [first] = crew.flatMap(stepEvents) as (AurenEvent & { trace_id: string })[]
    const gone = first && [processGone(first, '7-abc', zero + 30_000)]
    const beats = [heartbeat(12, [4, 6]), heartbeat(59, [1, 3], { producer: '8-def' })]
    const { run } = bookAt(60, [...crew.flatMap(stepEvents), ...beats, ...(gone ?? [])])
    expect(run().waits).toMatchObject([{ agent: 'lead', for: { name: 'coach' } }])
  })

  it('gives a child that came before its agent to that agent when it comes', () => {
    const call: StepPlan = { id: 2, kind: 'model', parent: 1, from: 1, to: 2, cost: 0.5, tokens: 10 }
    const { book, run } = bookAt(5, stepEvents(call))
    expect(run()).toMatchObject({ agents: [], cost: 0.5 })
    for (const event of stepEvents({ id: 1, kind: 'agent', agent: 'lead', from: 0, to: 3 })) book.add(event)
    expect(run()).toMatchObject({ agents: [{ id: 'lead', own_cost: 0.5 }], status: 'completed' })
    expect(run().tree[1]).toMatchObject({ agent: 'lead', parent: spanOf(1) })
  })

  it('keeps an agent below its own when the first step below it starts in the same millisecond', () => {
    const plans: readonly StepPlan[] = [
      { id: 2, kind: 'agent', agent: 'lead', from: 0 },
      { id: 9, kind: 'agent', parent: 2, agent: 'coach', from: 1 },
      { id: 3, kind: 'tool', parent: 9, agent: 'coach', from: 1, name: 'search' },
    ]
    expect(
      bookAt(12, plans.flatMap(stepEvents))
        .run()
        .tree.map(({ span_id: id, parent }) => [id, parent]),
    ).toEqual([
      [spanOf(2), null],
      [spanOf(3), spanOf(9)],
      [spanOf(9), spanOf(2)],
    ])
  })

  it('hangs a step below the nearest step above when its own parent gave no event', () => {
    const [lead] = stepEvents({ id: 1, kind: 'agent', agent: 'lead', from: 0 })
    const metadata = { parent_event_id: lead?.event_id }
    const call = stepEvents({ id: 3, kind: 'model', parent: 2, from: 1, to: 2, fields: { metadata } })
    const { run } = bookAt(5, [...call, lead as AurenEvent])
    expect(run().tree.find(({ span_id: id }) => id === spanOf(3))?.parent).toBe(spanOf(1))
  })

  it('counts a model call that another one wraps once: the inner one', () => {
    const outer: StepPlan = { id: 1, kind: 'model', from: 0, to: 5, cost: 1, tokens: 10 }
    const inner: StepPlan = { id: 2, kind: 'model', parent: 1, from: 1, to: 4, cost: 1, tokens: 10 }
    const { run } = bookAt(6, [outer, inner].flatMap(stepEvents))
    expect(run()).toMatchObject({ llm_calls: 1, cost: 1, tokens: 10 })
  })

  it('says that a cost is a lower bound when a call has no known price, but not for one that failed', () => {
    const calls: StepPlan[] = [
      { id: 1, kind: 'model', from: 0, to: 1 },
      { id: 2, kind: 'model', from: 1, to: 2, failed: true },
    ]
    expect(bookAt(3, calls.flatMap(stepEvents)).run()).toMatchObject({ cost: 0, unpriced_calls: 1, failed_steps: 1 })
  })
})

describe('who sees what of a run', () => {
  const owned = (user_id: string | null, tenant_id: string | null = 'red') => ({ user_id, tenant_id })
  const ann: Principal = { ...everything, tenantId: 'red', userId: 'ann', permissions: new Set() }
  const steps: StepPlan[] = [
    { id: 1, kind: 'agent', agent: 'lead', from: 0, fields: owned('ann') },
    { id: 2, kind: 'agent', agent: 'secret', parent: 1, from: 1, fields: owned('bob') },
    { id: 3, kind: 'model', agent: 'lead', parent: 2, from: 2, to: 3, cost: 1, tokens: 5, fields: owned('ann') },
    { id: 4, kind: 'model', agent: 'secret', parent: 2, from: 2, to: 3, cost: 9, name: 'secret', fields: owned('bob') },
  ]

  it('is decided step by step: what may not be seen is neither named nor counted, and the tree closes over it', () => {
    const { run } = bookAt(9, steps.flatMap(stepEvents))
    expect(run(ann)).toMatchObject({ steps: 2, cost: 1, tokens: 5, agents: [{ id: 'lead' }] })
    expect(run(ann).tree[1]).toMatchObject({ span_id: spanOf(3), parent: spanOf(1) })
    expect(JSON.stringify(run(ann))).not.toContain('secret')
  })

  it('keeps two tenants with the same trace id apart', () => {
    const blue = stepEvents({ id: 1, kind: 'agent', agent: 'secret', from: 0, fields: owned('ann', 'blue') })
    const { book, run } = bookAt(9, [...steps.slice(0, 1).flatMap(stepEvents), ...blue])
    expect(run(ann)).toMatchObject({ steps: 1, name: 'lead' })
    expect(book.list({ ...ann, tenantId: 'green' }, { statuses: [], limit: 10 })).toEqual([])
    expect(book.snapshot({ ...ann, userId: 'eve' }).runs).toEqual([])
  })
})

describe('room', () => {
  const runs = (count: number, to?: number) =>
    Array.from({ length: count }, (_, index) =>
      stepEvents({
        id: 1,
        kind: 'agent',
        agent: 'lead',
        from: index / 1000,
        ...(to === undefined ? {} : { to }),
        fields: { trace_id: index.toString(16).padStart(32, '0'), event_id: `${index}` },
      }).slice(-1),
    ).flat()

  it('is made by forgetting finished runs first', () => {
    const lead = stepEvents({ id: 1, kind: 'agent', agent: 'lead', from: 0 })
    const { book } = bookAt(10, [...lead, ...runs(300, 5)], { maxRuns: 100 })
    expect(book.size).toBeLessThanOrEqual(100)
    expect(book.find(everything, traceId)).toBeDefined()
  })

  it('is bounded in bytes', () => {
    const { book } = bookAt(10, runs(300), { maxBytes: 100_000 })
    expect(book.bytes).toBeLessThanOrEqual(100_000)
    expect(book.size).toBeGreaterThan(10)
  })

  it('is bounded in bytes, whatever the length of ids and whatever heartbeats name', () => {
    const long = (index: number): Partial<AurenEvent> => ({
      trace_id: `${index}`.padStart(32, '0'),
      source_agent: { id: `${index}`.padEnd(50_000, 'x'), role: 'r' },
    })
    const [steps, beats] = [
      Array.from({ length: 100 }, (_, index) => stepEvents({ id: 1, kind: 'agent', from: 0, fields: long(index) })),
      Array.from({ length: 1_000 }, (_, index) => ({
        ...heartbeat(
          1,
          Array.from({ length: 100 }, (_id, step) => step),
          { producer: `${index % 40}-x` },
        ),
        trace_id: `${Math.floor(index / 40)}`.padStart(32, 'a'),
      })),
    ]
    expect(bookAt(10, steps.flat(), { maxBytes: 2_000_000 }).book.size).toBeLessThan(10)
    expect(bookAt(10, beats, { maxBytes: 2_000_000 }).book.size).toBeLessThan(5)
  })

  it('is given back when a run has ended some minutes ago', () => {
    const { book, goTo } = bookAt(10, runs(5, 5))
    book.takeChanges()
    expect(book.size).toBe(5)
    goTo(16 * 60)
    book.takeChanges()
    expect([book.size, book.bytes]).toEqual([0, 0])
  })

  it('in one run is bounded too: later steps are counted, with their cost, but not kept', () => {
    const steps = Array.from({ length: 2_500 }, (_, id): StepPlan => {
      return { id: id + 2, kind: 'model', parent: 1, agent: 'lead', from: 1, to: 2, cost: 0.25, tokens: 2 }
    })
    const lead: StepPlan = { id: 1, kind: 'agent', agent: 'lead', from: 0 }
    const { run } = bookAt(10, [lead, ...steps].flatMap(stepEvents))
    expect(run()).toMatchObject({ steps: 2_000, steps_omitted: 501, llm_calls: 2_500, cost: 625, tokens: 5_000 })
    expect(run().agents).toMatchObject([{ llm_calls: 2_500, own_cost: 625 }])
  })
})

describe('changes', () => {
  it('tell each reader of the runs that changed, once, and of a status that changed by waiting', () => {
    const { book, goTo } = bookAt(1, stepEvents({ id: 1, kind: 'agent', agent: 'lead', from: 0 }))
    const statuses = () =>
      book
        .takeChanges()(everything)
        .map(({ status }) => status)
    expect(statuses()).toEqual(['running'])
    expect(statuses()).toEqual([])
    goTo(31)
    expect(statuses()).toEqual(['quiet'])
    book.add(heartbeat(31, [1]))
    expect(statuses()).toEqual([])
    for (const event of stepEvents({ id: 1, kind: 'agent', agent: 'lead', from: 0, to: 31 })) book.add(event)
    expect(statuses()).toEqual(['completed'])
  })

  it('tell a reader who sees a part of a run of what waiting changed for that part alone', () => {
    const steps: StepPlan[] = [
      { id: 1, kind: 'agent', agent: 'lead', from: 0, to: 5 },
      { id: 2, kind: 'tool', parent: 1, agent: 'coach', from: 1, to: 4 },
    ]
    const { book, goTo } = bookAt(5, steps.flatMap(stepEvents))
    const ofCoach = { ...everything, agents: new Set(['coach']) }
    const statuses = () => {
      const runsFor = book.takeChanges()
      return [everything, ofCoach].map((reader) => runsFor(reader).map(({ status }) => status))
    }
    // Nobody tells it that nothing is still to come above the tool.
    expect(statuses()).toEqual([['completed'], ['running']])
    expect(statuses()).toEqual([[], []])
    goTo(16)
    expect(statuses()[1]).toEqual(['completed'])
    expect(statuses()).toEqual([[], []])
  })

  it('by waiting reach who was told of the run by a snapshot, although somebody asked meanwhile', () => {
    const { book, goTo } = bookAt(1, stepEvents({ id: 1, kind: 'agent', agent: 'lead', from: 0 }))
    book.takeChanges()
    expect(book.snapshot(everything).runs).toMatchObject([{ status: 'running' }])
    goTo(31)
    expect(book.list(everything, { statuses: [], limit: 1 })).toMatchObject([{ status: 'quiet' }])
    expect(book.takeChanges()(everything)).toMatchObject([{ status: 'quiet' }])
  })
})
