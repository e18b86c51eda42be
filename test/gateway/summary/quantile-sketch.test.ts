import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { QuantileSketch } from '../../../src/gateway/summary/quantile-sketch.ts'

const values = fc.array(fc.double({ min: 0.001, max: 1e10, noNaN: true }), { minLength: 1, maxLength: 300 })
const qs = [0, 0.5, 0.95, 0.99, 1]

function sketchOf(numbers: readonly number[]): QuantileSketch {
  const sketch = new QuantileSketch()
  for (const number of numbers) sketch.add(number)
  return sketch
}

function exact(numbers: readonly number[], q: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] as number
}

describe('a quantile sketch', () => {
  it('is within 1 % of the true quantile, whatever the values', () => {
    fc.assert(
      fc.property(values, (numbers) => {
        const found = sketchOf(numbers).quantiles(...qs)
        for (const [index, q] of qs.entries()) {
          const truth = exact(numbers, q)
          expect(Math.abs((found[index] as number) - truth) / truth).toBeLessThanOrEqual(0.01 + 1e-9)
        }
      }),
    )
  })

  it('says the same when its values came in parts and were merged', () => {
    fc.assert(
      fc.property(values, values, (some, others) => {
        const merged = sketchOf(some)
        merged.merge(sketchOf(others))
        expect(merged.quantiles(...qs)).toEqual(sketchOf([...others, ...some]).quantiles(...qs))
        expect(merged.count).toBe(some.length + others.length)
      }),
    )
  })

  it('counts zeros, and knows nothing of nothing', () => {
    expect(sketchOf([0, 0, 0, 100]).quantiles(0.5, 0.75)).toEqual([0, 0])
    expect(new QuantileSketch().quantiles(0.5, 0.99)).toEqual([0, 0])
  })
})
