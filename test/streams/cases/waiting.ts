import { expect } from 'vitest'
import { events, idsOf } from './opened-stream.ts'
import type { Check } from './opened-stream.ts'

/** Milliseconds that no test takes unless the wake-up is missing. */
const long = 60_000

export function waitingCases(check: Check): void {
  check('wakes a waiting read when another instance appends', async ({ stream, another }) => {
    const { last } = await stream.info()
    const waiting = stream.read(last, { waitMs: long })
    await (await another()).append(events('1'))
    expect(idsOf(await waiting)).toEqual(['1'])
  })

  check('wakes every waiting read of one instance, whatever becomes of the others', async ({ stream }) => {
    const { last } = await stream.info()
    const stop = new AbortController()
    const stopped = stream.read(last, { waitMs: long, signal: stop.signal })
    const others = [stream.read(last, { waitMs: long }), stream.read(last, { waitMs: long })]
    stop.abort()
    expect(idsOf(await stopped)).toEqual([])
    await stream.append(events('1'))
    for (const waiting of others) expect(idsOf(await waiting)).toEqual(['1'])
  })

  check('ends a wait with an empty page when its time is over', async ({ stream }) => {
    const { last } = await stream.info()
    expect(await stream.read(last, { waitMs: 30 })).toMatchObject({ entries: [], next: last })
  })

  check('ends a wait with an empty page when it is aborted, and can wait again', async ({ stream }) => {
    const { last } = await stream.info()
    const stop = new AbortController()
    const waiting = stream.read(last, { waitMs: long, signal: stop.signal })
    setTimeout(() => stop.abort(), 20)
    expect(await waiting).toMatchObject({ entries: [], next: last })
    expect(await stream.read(last, { waitMs: long, signal: stop.signal })).toMatchObject({ entries: [] })
    const again = stream.read(last, { waitMs: long })
    await stream.append(events('1'))
    expect(idsOf(await again)).toEqual(['1'])
  })
}
