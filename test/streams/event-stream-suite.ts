import { expect, it } from 'vitest'
import { closingCases } from './cases/closing.ts'
import { lossCases } from './cases/loss.ts'
import { open } from './cases/opened-stream.ts'
import type { Check, StreamUnderTest } from './cases/opened-stream.ts'
import { randomCases } from './cases/random.ts'
import { readingCases } from './cases/reading.ts'
import { waitingCases } from './cases/waiting.ts'
import { writingCases } from './cases/writing.ts'

/** One suite for all drivers; a case that one cannot pass is listed with its reason. */
export function eventStreamSuite(
  create: () => Promise<StreamUnderTest>,
  skip: Readonly<Record<string, string>> = {},
): void {
  const names = new Set<string>()
  const check: Check = (name, body) => {
    names.add(name)
    it(name, async ({ skip: skipTest }) => {
      if (skip[name] !== undefined) skipTest(skip[name])
      const under = await create()
      await body({ ...under, stream: await open(under.url), another: () => open(under.url) })
    })
  }
  for (const cases of [readingCases, waitingCases, lossCases, writingCases, closingCases, randomCases]) cases(check)
  it('skips only cases that exist', () => {
    expect(Object.keys(skip).filter((name) => !names.has(name))).toEqual([])
  })
}
