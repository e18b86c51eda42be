import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseOffsets } from '../../src/streams/kafka-position.ts'
import { behind, formatPlaces, inOrder } from '../../src/streams/partitions.ts'

const record = fc.record({ partition: fc.nat(3), timestamp: fc.nat(20) })
const records = fc.array(record, { maxLength: 40 }).map((facts) => {
  const next = [0, 0, 0, 0]
  return facts.map((fact) => {
    const offset = next[fact.partition] ?? 0
    next[fact.partition] = offset + 1
    return { ...fact, place: offset }
  })
})

describe('records of several partitions', () => {
  it('keep the order of their partition, whatever their clocks say, and none is lost or repeated', () => {
    fc.assert(
      fc.property(records, (given) => {
        const ordered = inOrder(given)
        expect(ordered).toHaveLength(given.length)
        for (let partition = 0; partition < 4; partition += 1) {
          const offsets = ordered.filter((one) => one.partition === partition).map(({ place }) => place)
          expect(offsets).toEqual(offsets.map((_, index) => index))
        }
        expect(behind([0, 0, 0, 0], ordered)).toEqual(behind([0, 0, 0, 0], given))
      }),
    )
  })

  it('come by time where every clock of a partition goes forward', () => {
    fc.assert(
      fc.property(records, (given) => {
        const sorted = given.toSorted((a, b) => a.timestamp - b.timestamp).map((one, at) => ({ ...one, place: at }))
        expect(inOrder(sorted).map(({ timestamp }) => timestamp)).toEqual(sorted.map(({ timestamp }) => timestamp))
      }),
    )
  })

  it('are found again by a position that was written down, and by one from before partitions were added', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10 ** 9), { minLength: 1, maxLength: 6 }), fc.nat(3), (offsets, added) => {
        const read = parseOffsets(formatPlaces(offsets), offsets.length + added)
        expect(read).toEqual([...offsets, ...Array.from({ length: added }, () => 0)])
      }),
    )
    expect(() => parseOffsets('1.2.3', 2)).toThrow(expect.objectContaining({ code: 'AUREN_POSITION_INVALID' }))
  })
})
