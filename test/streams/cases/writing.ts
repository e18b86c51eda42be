import { expect } from 'vitest'
import { appendElsewhere, events, idsOf, numbered, readAll } from './opened-stream.ts'
import type { Check } from './opened-stream.ts'

export function writingCases(check: Check): void {
  check(
    'stores each event of writers in two processes once, in their order, and wakes who waits',
    async ({ stream, url }) => {
      const writers = ['a', 'b', 'c', 'd']
      const { first, last } = await stream.info()
      // No test takes so long unless the wake-up is missing.
      const waiting = stream.read(last, { waitMs: 60_000 })
      await Promise.all(['a,b', 'c,d'].map((two) => appendElsewhere(url, two, 250)))
      expect(idsOf(await waiting)[0]).toMatch(/^[a-d]-0$/)
      const ids = await readAll(stream, first, 300)
      expect(ids).toHaveLength(1_000)
      for (const writer of writers) {
        expect(ids.filter((id) => id.startsWith(`${writer}-`))).toEqual(numbered(250, `${writer}-`))
      }
    },
  )

  check('keeps the order of appends that are not awaited one by one', async ({ stream }) => {
    const ids = numbered(50)
    await Promise.all(ids.map((id) => stream.append(events(id))))
    expect(await readAll(stream, (await stream.info()).first)).toEqual(ids)
  })

  check('keeps events and positions when it is closed and opened again', async ({ stream, another }) => {
    const position = await stream.append(events('1'))
    await stream.append(events('2'))
    await stream.close()
    expect(idsOf(await (await another()).read(position))).toEqual(['2'])
  })
}
