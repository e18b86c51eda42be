import { it } from 'vitest'
import { closingCases } from './cases/closing.ts'
import { lossCases } from './cases/loss.ts'
import { open } from './cases/opened-stream.ts'
import type { Check, StreamUnderTest } from './cases/opened-stream.ts'
import { partitionedCases } from './cases/partitioned.ts'
import { randomCases } from './cases/random.ts'
import { readingCases } from './cases/reading.ts'
import { waitingCases } from './cases/waiting.ts'
import { writingCases } from './cases/writing.ts'

type Create = () => Promise<StreamUnderTest>

/** One suite for all drivers. */
export function eventStreamSuite(create: Create): void {
  const check = checkOf(create)
  for (const cases of [readingCases, waitingCases, lossCases, writingCases, closingCases, randomCases]) cases(check)
}

/** The same, and what holds besides where order is that of a trace. */
export function partitionedStreamSuite(create: Create): void {
  eventStreamSuite(create)
  partitionedCases(checkOf(create))
}

function checkOf(create: Create): Check {
  return (name, body) =>
    it(name, async () => {
      const under = await create()
      await body({ ...under, stream: await open(under.url), another: () => open(under.url) })
    })
}
