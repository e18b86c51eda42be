import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../../src/events/event.ts'
import { processGone } from '../../../src/exporters/process-gone.ts'
import { bookAt, everything } from '../../support/run-book.ts'
import { heartbeat, stepEvents, zero } from '../../support/run-events.ts'
import type { StepPlan } from '../../support/run-events.ts'

describe('the status of a run', () => {
  const open = stepEvents({ id: 1, kind: 'agent', agent: 'lead', from: 0 })
  const end = (failed: boolean) => stepEvents({ id: 1, kind: 'agent', agent: 'lead', from: 0, to: 20, failed })
  const gone = processGone(open[0] as AurenEvent & { trace_id: string }, '7-abc', zero + 40_000)

  it.each<[string, number, readonly AurenEvent[]]>([
    ['running', 29, [...open, heartbeat(20, [1])]],
    ['quiet', 31, [...open, heartbeat(30, [1])]],
    ['quiet', 44, [...open, heartbeat(20, [1])]],
    ['stale', 45, [...open, heartbeat(20, [1])]],
    ['crashed', 46, [...open, heartbeat(20, [1]), gone]],
    ['crashed', 46, [...open, gone]],
    [
      'running',
      46,
      [
        ...open,
        heartbeat(20, [1]),
        gone,
        ...stepEvents({ id: 2, kind: 'tool', parent: 1, from: 44 }),
        heartbeat(45, [1]),
      ],
    ],
    ['completed', 21, [...open, ...end(false)]],
    ['failed', 21, end(true)],
    ['completed', 46, [...open, heartbeat(10, [1]), ...end(false), gone]],
    ['quiet', 299, open],
    ['stale', 300, open],
  ])('is %s after %s s of these events', (status, seconds, events) => {
    expect(bookAt(seconds, events).run().status).toBe(status)
  })

  it('is that of the processes that still live, when one of several is gone', () => {
    const steps: StepPlan[] = [
      { id: 1, kind: 'agent', agent: 'lead', from: 0 },
      { id: 2, kind: 'agent', agent: 'coach', parent: 1, from: 1 },
    ]
    const beats = [heartbeat(20, [2]), heartbeat(21, [1], { producer: '8-def' })]
    const { book, run } = bookAt(22, [...steps.flatMap(stepEvents), ...beats, gone])
    expect(run().status).toBe('running')
    expect(run().tree.map(({ status }) => status)).toEqual(['open', 'lost'])
    for (const event of stepEvents({ id: 1, kind: 'agent', agent: 'lead', from: 0, to: 22 })) book.add(event)
    expect(run().status).toBe('completed')
  })

  it('of a run that is over is the same for who may not see the step that its last heartbeat named', () => {
    const steps: StepPlan[] = [
      { id: 1, kind: 'agent', agent: 'lead', from: 0, to: 25 },
      { id: 2, kind: 'tool', parent: 1, agent: 'coach', from: 1, to: 24 },
    ]
    const { run } = bookAt(60, [...steps.flatMap(stepEvents), heartbeat(20, [1, 2])])
    const ofCoach = { ...everything, agents: new Set(['coach']) }
    expect([run().status, run(ofCoach).status]).toEqual(['completed', 'completed'])
  })

  it('of a run with more steps than are kept is over with what is kept', () => {
    const lead: StepPlan = { id: 1, kind: 'agent', agent: 'lead', from: 0, to: 25 }
    const calls = Array.from({ length: 2_100 }, (_, id): StepPlan => {
      return { id: id + 2, kind: 'model', parent: 1, from: 1, to: 24 }
    })
    const { run } = bookAt(60, [...[lead, ...calls].flatMap(stepEvents), heartbeat(20, [1, 2_101])])
    expect(run().status).toBe('completed')
  })

  it('is running while only heartbeats tell of open steps, and the run is partial', () => {
    const call = stepEvents({ id: 2, kind: 'model', parent: 1, from: 10, to: 12 })
    const { run } = bookAt(14, [...call, heartbeat(13, [1])])
    expect(run()).toMatchObject({ status: 'running', partial: true })
  })

  it('waits a little for the root of a trace whose spans only come when they end', () => {
    const call = stepEvents({ id: 2, kind: 'model', parent: 1, from: 1, to: 2 })
    expect(bookAt(11, call).run().status).toBe('running')
    expect(bookAt(12, call).run().status).toBe('completed')
  })

  it('takes an agent whose clock is wrong for alive while its heartbeats come', () => {
    const { book, run, goTo } = bookAt(600)
    for (const event of [...open, heartbeat(1, [1])]) book.add(event, zero + 600_000)
    expect(run().status).toBe('running')
    goTo(626)
    expect(run().status).toBe('stale')
  })

  it('asks after a process that was not heard in time only where it left something open', () => {
    const steps: StepPlan[] = [
      { id: 1, kind: 'agent', agent: 'lead', from: 0 },
      { id: 2, kind: 'agent', agent: 'coach', parent: 1, from: 1, to: 12 },
    ]
    const beats = [heartbeat(60, [1]), heartbeat(10, [2], { producer: '8-def' })]
    const { book, goTo } = bookAt(61, [...steps.flatMap(stepEvents), ...beats])
    const producers = () => book.expiredLeases().map(({ lease }) => lease.producer)
    expect(producers()).toEqual([])
    goTo(90)
    expect(producers()).toEqual(['7-abc'])
    for (const event of stepEvents({ id: 3, kind: 'tool', parent: 2, agent: 'coach', from: 13 })) book.add(event)
    expect(producers()).toEqual(['7-abc', '8-def'])
  })

  it('of agents whose work was left open is told to the summary', () => {
    const { book, goTo } = bookAt(20, [...open, heartbeat(20, [1])])
    expect(book.silentAgents(everything)).toEqual(new Map())
    goTo(50)
    expect(book.silentAgents(everything)).toEqual(new Map([['lead', zero + 20_000]]))
  })
})
