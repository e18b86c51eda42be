import { describe, expect, it } from 'vitest'
import { duration } from '../../src/client/figures.ts'

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
