import { expect } from 'vitest'
import { anEvent } from '../../support/events.ts'
import { until } from '../../support/until.ts'
import { idsOf, lost, numbered, readAll } from './opened-stream.ts'
import type { Check } from './opened-stream.ts'

/** Events of four traces in turn, the id naming trace and place. */
export const ofFourTraces = (count: number) =>
  Array.from({ length: count }, (_, at) =>
    anEvent({ trace_id: String(at % 4).padStart(32, 'a'), event_id: `${at % 4}/${Math.floor(at / 4)}` }),
  )

export const ofTrace = (ids: readonly string[], trace: number) => ids.filter((id) => id.startsWith(`${trace}/`))

/** What holds for a stream that is new and divides these traces among several partitions. */
export function partitionedCases(check: Check): void {
  check('keeps the order of each trace, and loses and repeats nothing, page by page', async ({ stream }) => {
    const sent = ofFourTraces(200)
    await Promise.all([0, 50, 100, 150].map((at) => stream.append(sent.slice(at, at + 50))))
    const { first, ordering } = await stream.info()
    expect(ordering).toBe('partition')
    for (const limit of [1, 7, 500]) {
      const ids = await readAll(stream, first, limit)
      expect(ids).toHaveLength(200)
      for (const trace of [0, 1, 2, 3]) expect(ofTrace(ids, trace)).toEqual(numbered(50, `${trace}/`))
    }
  })

  check('gives the newest over all partitions, newest first, also from behind what is no event', async (test) => {
    const { stream, addGarbage } = test
    for (const event of ofFourTraces(12)) {
      await stream.append([event])
      // Which of two partitions has the newer event is told by milliseconds.
      const at = Date.now()
      await until('the next millisecond has begun', () => Date.now() > at)
    }
    for (let i = 0; i < 20; i += 1) await addGarbage()
    const recent = (await stream.recent(5)).map(({ event }) => event.event_id)
    const newest = ofFourTraces(12).slice(-5).reverse()
    expect(recent.toSorted()).toEqual(newest.map(({ event_id: id }) => id).toSorted())
    for (const trace of [0, 1, 2, 3]) expect(ofTrace(recent, trace)).toEqual(ofTrace(newest.map(({ event_id: id }) => id), trace)) // prettier-ignore
  })

  check('gives page by page what stands before an entry, without losing or repeating one', async ({ stream }) => {
    const sent = ofFourTraces(40)
    for (let at = 0; at < 40; at += 4) await stream.append(sent.slice(at, at + 4))
    const { epoch } = await stream.info()
    const found = [...(await stream.recent(7))]
    for (let last = found.at(-1); last !== undefined;) {
      const earlier = await stream.recent(7, { epoch, id: last.position })
      found.push(...earlier)
      last = earlier.at(-1)
    }
    const ids = found.map(({ event }) => event.event_id).reverse()
    expect(ids).toHaveLength(40)
    for (const trace of [0, 1, 2, 3]) expect(ofTrace(ids, trace)).toEqual(numbered(10, `${trace}/`))
  })

  check('says how many were lost over all partitions', async ({ stream, trim }) => {
    const position = await stream.append(ofFourTraces(8))
    await stream.append(ofFourTraces(40))
    await trim(2)
    const error = await lost(stream.read(position))
    const { length } = await stream.info()
    expect(length).toBeGreaterThan(2)
    expect(error).toMatchObject({ reason: 'trimmed', missed: 40 - length })
    expect(idsOf(await stream.read(error.firstAvailable))).toHaveLength(length)
  })

  check('goes on with what each entry stands behind, as a client does that comes back', async ({ stream }) => {
    await stream.append(ofFourTraces(20))
    const page = await stream.read((await stream.info()).first)
    for (const [index, { position }] of page.entries.entries()) {
      const rest = await stream.read({ epoch: page.epoch, id: position })
      expect(idsOf(rest).toSorted()).toEqual(idsOf(page).slice(index + 1).toSorted()) // prettier-ignore
    }
  })
}
