import { expect } from 'vitest'
import { events, idsOf, numbered, readAll } from './opened-stream.ts'
import type { Check } from './opened-stream.ts'

export function readingCases(check: Check): void {
  check('reads back events in append order', async ({ stream }) => {
    const sent = events('1', '2', '3')
    await stream.append(sent)
    const page = await stream.read((await stream.info()).first)
    expect(page.entries.map(({ event }) => event)).toEqual(sent)
  })

  check('resolves an append with the position after its last event', async ({ stream }) => {
    const after = await stream.append(events('1', '2'))
    expect(after).toEqual((await stream.info()).last)
    expect(idsOf(await stream.read(after))).toEqual([])
    await stream.append(events('3'))
    expect(idsOf(await stream.read(after))).toEqual(['3'])
  })

  check('stores nothing when nothing is appended', async ({ stream }) => {
    expect(await stream.append([])).toEqual((await stream.info()).last)
    const last = await stream.append(events('1'))
    expect(await stream.append([])).toEqual(last)
    expect((await stream.info()).length).toBe(1)
  })

  check('reads page by page without losing or repeating one', async ({ stream }) => {
    const ids = numbered(25)
    await stream.append(events(...ids))
    expect(await readAll(stream, (await stream.info()).first, 4)).toEqual(ids)
  })

  check('gives the newest events first when asked for recent ones', async ({ stream }) => {
    await stream.append(events('1', '2', '3'))
    expect((await stream.recent(2)).map(({ event }) => event.event_id)).toEqual(['3', '2'])
    expect(await stream.recent(0)).toEqual([])
  })

  check('gives page by page what stands before an entry, the newest first', async ({ stream }) => {
    await stream.append(events(...numbered(25)))
    const { epoch } = await stream.info()
    const pages = [await stream.recent(10)]
    for (let last = pages[0]?.at(-1); last !== undefined; last = pages.at(-1)?.at(-1))
      pages.push(await stream.recent(10, { epoch, id: last.position }))
    expect(pages.map(({ length }) => length)).toEqual([10, 10, 5, 0])
    expect(pages.flat().map(({ event }) => event.event_id)).toEqual(numbered(25).reverse())
  })

  check('is empty at the beginning, with equal first and last', async ({ stream }) => {
    const { length, first, last } = await stream.info()
    expect({ length, first }).toEqual({ length: 0, first: last })
    expect(await stream.recent(10)).toEqual([])
    expect(await stream.read(last)).toMatchObject({ entries: [], malformed: 0 })
  })

  check('skips and counts stored data that is no event, and goes on behind it', async ({ stream, addGarbage }) => {
    await stream.append(events('1'))
    await addGarbage()
    await stream.append(events('2'))
    const page = await stream.read((await stream.info()).first)
    expect(idsOf(page)).toEqual(['1', '2'])
    expect(page.malformed).toBe(1)
    expect(idsOf(await stream.read(page.next))).toEqual([])
    expect((await stream.recent(5)).map(({ event }) => event.event_id)).toEqual(['2', '1'])
  })

  check('moves on when a whole page is no event', async ({ stream, addGarbage }) => {
    const { first } = await stream.info()
    await addGarbage()
    await stream.append(events('1'))
    const page = await stream.read(first, { limit: 1, waitMs: 60_000 })
    expect(page).toMatchObject({ entries: [], malformed: 1 })
    expect(idsOf(await stream.read(page.next))).toEqual(['1'])
  })

  check('refuses a position that is no position of it', async ({ stream }) => {
    const { epoch } = await stream.info()
    const huge = ['9'.repeat(40), `${'9'.repeat(20)}-0`]
    for (const id of ['', 'x', '-1', '1-', '1-2-3', ...huge, "'; DROP TABLE events", '💥']) {
      await expect(stream.read({ epoch, id })).rejects.toMatchObject({ code: 'AUREN_POSITION_INVALID' })
    }
  })
}
