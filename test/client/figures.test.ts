import { describe, expect, it } from 'vitest'
import { amount, duration } from '../../src/client/figures.ts'

describe('a time that something took', () => {
  it.each([
    [0, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min 0 s'],
    [65_900, '1 min 6 s'],
    [3_599_000, '59 min 59 s'],
    [3_600_000, '1 h 0 min'],
    [26 * 3_600_000 + 300_000, '26 h 5 min'],
  ])('of %s ms is said as %s', (ms, said) => {
    expect(duration(ms)).toBe(said)
  })
})

describe('how many there are', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1.00K'],
    [7_089, '7.09K'],
    [7_097, '7.10K'],
    [12_345, '12.3K'],
    [120_000, '120K'],
    [999_999, '1.00M'],
  ])('of %s is said as %s', (count, said) => {
    expect(amount(count)).toBe(said)
  })
})
