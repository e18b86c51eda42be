import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../../src/events/event.ts'
import { processGone } from '../../../src/exporters/process-gone.ts'
import type { Principal } from '../../../src/gateway/principal.ts'
import { bookAt, everything } from '../../support/run-book.ts'
import { heartbeat, stepEvents, zero } from '../../support/run-events.ts'

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

/** Steps whose parent may be themselves, a later step, or one that never comes. */
const step = (id: number) =>
  fc
    .record({
      kind: fc.constantFrom('agent', 'model', 'tool'),
      parent: maybe(fc.integer({ min: 1, max: 14 })),
      agent: fc.constantFrom('lead', 'coach', undefined),
      from: fc.integer({ min: 0, max: 30 }),
      length: maybe(fc.integer({ min: 0, max: 30 })),
      failed: fc.boolean(),
      // Sixteenths add up exactly in any order.
      cost: maybe(fc.integer({ min: 0, max: 64 }).map((parts) => parts / 16)),
      user_id: fc.constantFrom('ann', 'bob'),
    })
    .map(({ kind, parent, agent, from, length, failed, cost, user_id }) =>
      stepEvents({
        ...{ id, kind, from, failed, tokens: 3, fields: { user_id } },
        ...(parent === undefined ? {} : { parent }),
        ...(agent === undefined ? {} : { agent }),
        ...(cost === undefined ? {} : { cost }),
        ...(length === undefined ? {} : { to: from + length }),
      }),
    )
const steps = fc.tuple(...Array.from({ length: 12 }, (_, index) => step(index + 1))).map((all) => all.flat())

const beat = fc.record({ second: fc.integer({ min: 1, max: 60 }), open: fc.array(fc.integer({ min: 1, max: 14 })) })
/** One a second at the most: a process does not send two in one millisecond. */
const beats = fc
  .uniqueArray(beat, { maxLength: 4, selector: ({ second }) => second })
  .map((all) => all.map(({ second, open }) => heartbeat(second, open)))

const ann: Principal = { ...everything, userId: 'ann', permissions: new Set() }

describe('two gateways', () => {
  it('know the same of a run, whatever the order of its events and however often each of them came', () => {
    const keys = fc.array(fc.nat(), { minLength: 80, maxLength: 80 })
    fc.assert(
      fc.property(steps, beats, fc.boolean(), keys, fc.nat({ max: 20 }), (told, alive, isGone, order, repeated) => {
        const [first] = told as (AurenEvent & { trace_id: string })[]
        const all = [...told, ...alive, ...(isGone && first ? [processGone(first, '7-abc', zero)] : [])]
        const shuffled = [...all, ...all.slice(0, repeated)]
          .map((event, index) => ({ event, key: order[index] ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ event }) => event)
        for (const reader of [everything, ann])
          expect(bookAt(70, shuffled).run(reader)).toEqual(bookAt(70, all).run(reader))
      }),
    )
  })

  it('draw a tree whatever spans claim of their parents', () => {
    fc.assert(
      fc.property(steps, (events) => {
        const { tree } = bookAt(70, events).run()
        const parents = new Map(tree.map(({ span_id: id, parent }) => [id, parent]))
        for (const id of parents.keys()) {
          let above: string | null = id
          for (let hops = 0; above !== null && hops <= tree.length; hops += 1) above = parents.get(above) ?? null
          expect(above).toBeNull()
        }
      }),
    )
  })
})
