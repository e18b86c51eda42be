import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../../src/events/event.ts'
import { bookAt } from '../../support/run-book.ts'
import { stepEvents } from '../../support/run-events.ts'
import type { StepPlan } from '../../support/run-events.ts'

const lead: StepPlan = { id: 1, kind: 'agent', agent: 'lead', from: 0 }

/** An agent that asks a model and then calls a tool, so many times. */
function calls(times: number, payload: (time: number) => AurenEvent['payload']): StepPlan[] {
  return Array.from({ length: times }, (_, time): StepPlan[] => [
    { id: 10 + 2 * time, kind: 'model', parent: 1, from: time, to: time },
    { id: 11 + 2 * time, kind: 'tool', parent: 1, from: time, to: time, name: 'search', payload: payload(time) },
  ]).flat()
}

function loopsOf(steps: readonly StepPlan[]) {
  return bookAt(99, [lead, ...steps].flatMap(stepEvents)).run().loops
}

describe('a loop', () => {
  it('is flagged at the third call of a tool with the same arguments', () => {
    const same = () => ({ arguments: { q: 'hrv' } })
    expect(loopsOf(calls(2, same))).toEqual([])
    expect(loopsOf(calls(3, same))).toEqual([
      { agent: 'lead', step: 'tool search', times: 3, since: '2026-11-21T05:00:00.000+00:00', same_arguments: true },
    ])
  })

  it('is none while the arguments differ', () => {
    expect(loopsOf(calls(40, (time) => ({ arguments: { page: time } })))).toEqual([])
  })

  it('is flagged later where nobody captured the arguments', () => {
    expect(loopsOf(calls(9, () => ({})))).toEqual([])
    expect(loopsOf(calls(10, () => ({})))).toMatchObject([{ times: 10, same_arguments: false }])
  })

  it('is none where a call that failed is tried again, until it is tried too often', () => {
    const tries = (times: number) =>
      calls(times, () => ({ arguments: { q: 'hrv' } })).map((step, index) => ({
        ...step,
        failed: step.kind === 'tool' && index < 2 * times - 1,
      }))
    expect(loopsOf(tries(5))).toEqual([])
    expect(loopsOf(tries(6))).toMatchObject([{ step: 'tool search', times: 6 }])
  })

  it('is none where the same is done side by side', () => {
    const sideBySide = (payload: AurenEvent['payload']) =>
      Array.from({ length: 20 }, (_, id): StepPlan => {
        return { id: 10 + id, kind: 'tool', parent: 1, from: id / 100, to: 1 + id / 100, name: 'search', payload }
      })
    expect(loopsOf(sideBySide({ arguments: { q: 'hrv' } }))).toEqual([])
    expect(loopsOf(sideBySide({}))).toEqual([])
    const open = sideBySide({}).map(({ to: _, ...step }) => step)
    expect(loopsOf(open)).toEqual([])
  })

  it('is found in a pattern of two steps', () => {
    const steps = Array.from({ length: 20 }, (_, time): StepPlan => {
      return { id: 10 + time, kind: 'tool', parent: 1, from: time, to: time, name: time % 2 ? 'fetch' : 'search' }
    })
    expect(loopsOf(steps)).toMatchObject([{ step: 'tool search → tool fetch', times: 10 }])
  })
})
