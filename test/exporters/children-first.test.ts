import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { childrenFirst } from '../../src/exporters/children-first.ts'
import { aSpan } from '../support/spans.ts'

describe('childrenFirst', () => {
  it('puts each span after its children, loses none, and keeps siblings as they came', () => {
    // A random tree: each span's parent is an earlier one, or none; then the spans arrive in any order.
    const arrivals = fc
      .array(fc.option(fc.nat()), { minLength: 1, maxLength: 40 })
      .chain((parents) =>
        fc.tuple(fc.constant(parents), fc.shuffledSubarray([...parents.keys()], { minLength: parents.length })),
      )
    fc.assert(
      fc.property(arrivals, ([parents, order]) => {
        const id = (index: number) => `span-${index}`
        const spans = order.map((index) => {
          const parent = index === 0 ? null : parents[index]
          return aSpan({}, { spanId: id(index), parentSpanId: parent == null ? null : id(parent % index) })
        })
        const sorted = childrenFirst(spans)
        expect(new Set(sorted)).toEqual(new Set(spans))
        const place = new Map(sorted.map(({ spanId }, index) => [spanId, index]))
        for (const { spanId, parentSpanId } of spans) {
          if (parentSpanId !== null) expect(place.get(spanId)).toBeLessThan(place.get(parentSpanId) ?? -1)
        }
      }),
    )
  })

  it('keeps spans that claim to be each other’s parents', () => {
    const [a, b] = [aSpan({}, { spanId: 'a', parentSpanId: 'b' }), aSpan({}, { spanId: 'b', parentSpanId: 'a' })]
    expect(childrenFirst([a, b])).toEqual([a, b])
  })
})
