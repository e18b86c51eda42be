import { describe, expect, it } from 'vitest'
import { Repeats } from '../../src/gateway/feed/repeats.ts'
import type { StreamEntry } from '../../src/streams/event-stream.ts'
import { anEvent } from '../support/events.ts'

let entries = 0

function stored(eventId: string): StreamEntry {
  const id = `${(entries += 1)}-0`
  return { id, position: id, event: anEvent({ event_id: eventId }) }
}

describe('repeated events', () => {
  it('are told apart for as many events as are remembered, the newest', () => {
    const repeats = new Repeats(3)
    const isNew = (ids: string) => [...ids].map((id) => repeats.isNew(stored(id)))
    expect(isNew('abcabc')).toEqual([true, true, true, false, false, false])
    expect(isNew('dabcd')).toEqual([true, true, true, true, true])
    expect(isNew('dcb')).toEqual([false, false, false])
  })

  it('are known to who reads later for as many copies, and for one life of the stream', () => {
    const repeats = new Repeats(2)
    const copies = ['a', 'a', 'a', 'a'].map(stored)
    for (const copy of copies) repeats.isNew(copy)
    expect(copies.map(({ id }) => repeats.isCopy(id))).toEqual([false, false, true, true])
    repeats.beginAnew()
    const later = ['a', 'a', 'a', 'a'].map(stored)
    expect(later.map((entry) => repeats.isNew(entry))).toEqual([false, false, false, false])
    expect([...copies, ...later].map(({ id }) => repeats.isCopy(id))).toEqual([
      ...Array<boolean>(6).fill(false),
      true,
      true,
    ])
  })
})
