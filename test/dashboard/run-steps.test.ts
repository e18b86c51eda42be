import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toTimestamp } from '../../src/events/timestamp.ts'
import type { RunStep } from '../../src/protocol/runs.ts'
import { nextFailure } from '../../src/dashboard/runs/failures.ts'
import { atTheEnd, move, stepsAt } from '../../src/dashboard/runs/playback.ts'
import { ancestors, stepRows } from '../../src/dashboard/runs/step-rows.ts'
import type { Steps } from '../../src/dashboard/runs/step-rows.ts'
import { extentOf, marksOf, openExtent, shareOf } from '../../src/dashboard/runs/time-scale.ts'
import { waitsOf, waitWords } from '../../src/dashboard/runs/waiting.ts'

const zero = Date.parse('2026-11-21T05:00:00Z')

/** Seconds after {@link zero}; without an end it is open. */
function aStep(id: string, parent: string | null, from: number, to?: number, fields: Partial<RunStep> = {}): RunStep {
  return {
    span_id: id,
    parent,
    kind: 'tool',
    name: id,
    agent: null,
    status: to === undefined ? 'open' : 'ok',
    started_at: toTimestamp(zero + from * 1_000),
    ended_at: to === undefined ? null : toTimestamp(zero + to * 1_000),
    ...fields,
  }
}

const agent = { kind: 'agent' } as const
const stepsOf = (...steps: RunStep[]): Steps => new Map(steps.map((step) => [step.span_id, step]))

/** A lead that asks a model and a coach, whose first search fails. */
const crew = stepsOf(
  aStep('lead', null, 0, 20, agent),
  aStep('coach', 'lead', 4, 18, agent),
  aStep('model', 'lead', 1, 3, { kind: 'model', tokens: 100, cost: 0.5 }),
  aStep('search-2', 'coach', 10, 16),
  aStep('search-1', 'coach', 5, 9, { status: 'failed', error_type: 'timeout' }),
)

const shape = (rows: ReturnType<typeof stepRows>) => rows.map(({ step, depth }) => `${'.'.repeat(depth)}${step.name}`)

/** Any steps whatever, with parents that may be missing, themselves, or below them. */
const anySteps = fc
  .array(fc.record({ parent: fc.integer({ min: -1, max: 14 }), from: fc.nat(30), took: fc.nat(30) }), { maxLength: 12 })
  .map((plans) =>
    stepsOf(
      ...plans.map(({ parent, from, took }, index) =>
        aStep(`s${index}`, parent === -1 ? null : `s${parent}`, from, from + took),
      ),
    ),
  )

describe('the tree of a run', () => {
  it('has each step below the one that it belongs to, in the order in which they started', () => {
    expect(shape(stepRows(crew))).toEqual(['lead', '.model', '.coach', '..search-1', '..search-2'])
    expect(stepRows(crew).map(({ place, of }) => `${place}/${of}`)).toEqual(['1/1', '1/2', '2/2', '1/2', '2/2'])
  })

  it('says of a folded step what is hidden below it', () => {
    const rows = stepRows(crew, new Set(['coach', 'model']))
    expect(shape(rows)).toEqual(['lead', '.model', '.coach'])
    expect(rows[2]).toMatchObject({ hasChildren: true, hidden: 2, hiddenFailures: 1 })
    expect(rows[1]).toMatchObject({ hasChildren: false, hidden: 0 })
  })

  it('has every step exactly once, whatever they say of their parents', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const ids = stepRows(steps).map(({ step }) => step.span_id)
        expect(ids.toSorted()).toEqual([...steps.keys()].sort())
        for (const id of steps.keys()) expect(ancestors(steps, id).length).toBeLessThanOrEqual(steps.size)
      }),
    )
  })

  it('shows or counts every step, whatever is folded', () => {
    fc.assert(
      fc.property(anySteps, fc.array(fc.integer({ min: 0, max: 12 })), (steps, folded) => {
        const rows = stepRows(steps, new Set(folded.map((index) => `s${index}`)))
        expect(rows.reduce((sum, { hidden }) => sum + 1 + hidden, 0)).toBe(steps.size)
      }),
    )
  })

  it('takes ten thousand steps below each other', () => {
    const deep = stepsOf(...Array.from({ length: 10_000 }, (_, index) => aStep(`s${index}`, `s${index - 1}`, index)))
    expect(stepRows(deep).at(-1)?.depth).toBe(9_999)
  })

  it('leads from failure to failure, around its ends', () => {
    const rows = stepRows(stepsOf(...crew.values(), aStep('late', 'lead', 19, 19, { status: 'failed' })))
    expect(nextFailure(rows, undefined, 1)).toBe('search-1')
    expect(nextFailure(rows, 'search-1', 1)).toBe('late')
    expect(nextFailure(rows, 'late', 1)).toBe('search-1')
    expect(nextFailure(rows, 'search-1', -1)).toBe('late')
    expect(nextFailure(stepRows(stepsOf(aStep('a', null, 0, 1))), 'a', 1)).toBeUndefined()
  })
})

describe('who waits for whom', () => {
  it('is told of each open agent: for the agents below it, and for what has nothing open below', () => {
    const told = (at: number) =>
      [...waitsOf(stepsAt(crew, zero + at * 1_000))].map(([id, waits]) => `${id} ${waitWords(waits)}`)
    expect(told(2)).toEqual(['lead waits for model'])
    expect(told(6).sort()).toEqual(['coach waits for search-1', 'lead waits for coach'])
    expect(told(17)).toEqual(['lead waits for coach'])
    expect(told(30)).toEqual([])
  })

  it('sees through steps that are no agents, and counts what is waited for at once', () => {
    const steps = stepsOf(
      aStep('lead', null, 0, undefined, agent),
      aStep('delegate', 'lead', 1),
      aStep('coach', 'delegate', 2, undefined, agent),
      aStep('other', 'lead', 3),
    )
    expect(waitWords(waitsOf(steps).get('lead') ?? [])).toBe('waits for coach and 1 more')
  })

  it('is told once of a collaboration, which is played back beside the agent that it names', () => {
    const steps = stepsOf(
      aStep('lead', null, 0, undefined, agent),
      aStep('to the coach', 'lead', 1, undefined, { kind: 'collaboration' }),
      aStep('coach', 'lead', 1, undefined, agent),
    )
    expect(waitWords(waitsOf(steps).get('lead') ?? [])).toBe('waits for coach')
  })
})

describe('the playback', () => {
  it('shows a moment as it was: what had begun, open what ended later, and used only what had ended', () => {
    const at = (second: number) =>
      [...stepsAt(crew, zero + second * 1_000).values()].map(({ name, status, cost }) => [name, status, cost ?? 0])
    expect(at(2)).toEqual([
      ['lead', 'open', 0],
      ['model', 'open', 0],
    ])
    expect(at(9)).toEqual([
      ['lead', 'open', 0],
      ['coach', 'open', 0],
      ['model', 'ok', 0.5],
      ['search-1', 'failed', 0],
    ])
    expect(new Map(stepsAt(crew, zero + 20_000))).toEqual(new Map(crew))
  })

  it('never shows less later on, and all of the run at its end', () => {
    fc.assert(
      fc.property(anySteps, fc.nat(60), fc.nat(60), (steps, one, other) => {
        const [early, late] = [Math.min(one, other), Math.max(one, other)].map((s) => stepsAt(steps, zero + s * 1_000))
        for (const [id, step] of early ?? []) {
          expect(late?.has(id)).toBe(true)
          if (step.status !== 'open') expect(late?.get(id)).toBe(step)
        }
        expect(stepsAt(steps, zero + 60_000)).toEqual(steps)
      }),
    )
  })

  it('goes from the beginning to the end at its speed, and stops there', () => {
    const scale = extentOf(crew.values()) ?? { from: 0, to: 0 }
    expect(scale).toEqual({ from: zero, to: zero + 20_000 })
    const start = move({ ...atTheEnd(scale), speed: 2 }, scale, { type: 'toggle' })
    expect(start).toEqual({ at: zero, isPlaying: true, speed: 2 })
    const later = move(start, scale, { type: 'passed', ms: 3_000 })
    expect(later.at).toBe(zero + 6_000)
    expect(move(move(later, scale, { type: 'toggle' }), scale, { type: 'passed', ms: 3_000 }).at).toBe(zero + 6_000)
    expect(move(later, scale, { type: 'seek', at: 0 }).at).toBe(zero)
    expect(move(later, scale, { type: 'passed', ms: 9_000 })).toEqual({ at: undefined, isPlaying: false, speed: 2 })
  })

  it('takes 20 s at the most, unless another speed is chosen', () => {
    expect(atTheEnd({ from: 0, to: 3_000 }).speed).toBe(1)
    expect(atTheEnd({ from: 0, to: 180_000 }).speed).toBe(10)
    expect(atTheEnd({ from: 0, to: 86_400_000 }).speed).toBe(500)
  })
})

describe('the time scale', () => {
  it('of an open run has room, changes in whole marks and never gets shorter', () => {
    fc.assert(
      fc.property(fc.nat(100_000_000), fc.nat(100_000_000), (one, other) => {
        const [early, late] = [Math.min(one, other), Math.max(one, other)]
        expect(openExtent(early)).toBeGreaterThan(early)
        expect(openExtent(late)).toBeGreaterThanOrEqual(openExtent(early))
      }),
    )
    const changes = new Set(Array.from({ length: 600 }, (_, index) => openExtent(index * 100)))
    expect(changes.size).toBeLessThan(40)
  })

  it('has two to eight marks, as people count time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000_000 }), (to) => {
        const marks = marksOf({ from: 0, to })
        expect(marks.length).toBeLessThanOrEqual(8)
        expect(new Set(marks.map(({ label }) => label)).size).toBe(marks.length)
        for (const { share } of marks) expect(share).toBeLessThanOrEqual(1 + 1e-9)
      }),
    )
    expect(marksOf({ from: 0, to: 90_000 }).map(({ label }) => label)).toEqual([
      '0',
      '15 s',
      '30 s',
      '45 s',
      '1 min',
      '1:15 min',
      '1:30 min',
    ])
    expect(shareOf({ from: 10, to: 20 }, 15)).toBe(0.5)
    expect(shareOf({ from: 10, to: 20 }, 25)).toBe(1)
  })
})
