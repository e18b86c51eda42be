import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatOffsets, parseOffsets } from '../../src/streams/kafka-position.ts'
import { behind, inOrder, toMessage } from '../../src/streams/kafka-records.ts'
import { anEvent } from '../support/events.ts'

const record = fc.record({ partition: fc.nat(3), timestamp: fc.nat(20) })
const records = fc.array(record, { maxLength: 40 }).map((facts) => {
  const next = [0, 0, 0, 0]
  return facts.map((fact) => {
    const offset = next[fact.partition] ?? 0
    next[fact.partition] = offset + 1
    return { ...fact, offset, text: '' }
  })
})

describe('records of several partitions', () => {
  it('keep the order of their partition, whatever their clocks say, and none is lost or repeated', () => {
    fc.assert(
      fc.property(records, (given) => {
        const ordered = inOrder(given)
        expect(ordered).toHaveLength(given.length)
        for (let partition = 0; partition < 4; partition += 1) {
          const offsets = ordered.filter((one) => one.partition === partition).map(({ offset }) => offset)
          expect(offsets).toEqual(offsets.map((_, index) => index))
        }
        expect(behind([0, 0, 0, 0], ordered)).toEqual(behind([0, 0, 0, 0], given))
      }),
    )
  })

  it('come by time where every clock of a partition goes forward', () => {
    fc.assert(
      fc.property(records, (given) => {
        const sorted = given.toSorted((a, b) => a.timestamp - b.timestamp).map((one, at) => ({ ...one, offset: at }))
        expect(inOrder(sorted).map(({ timestamp }) => timestamp)).toEqual(sorted.map(({ timestamp }) => timestamp))
      }),
    )
  })

  it('are found again by a position that was written down, and by one from before partitions were added', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10 ** 9), { minLength: 1, maxLength: 6 }), fc.nat(3), (offsets, added) => {
        const read = parseOffsets(formatOffsets(offsets), offsets.length + added)
        expect(read).toEqual([...offsets, ...Array.from({ length: added }, () => 0)])
      }),
    )
    expect(() => parseOffsets('1.2.3', 2)).toThrow(expect.objectContaining({ code: 'AUREN_POSITION_INVALID' }))
  })
})

describe('an event as a Kafka message', () => {
  it('has the trace as its key and what a consumer filters by in its headers', () => {
    const event = anEvent({ tenant_id: 'team', span_id: '00f067aa0ba902b7' })
    expect(toMessage('topic', event)).toMatchObject({
      topic: 'topic',
      key: '4bf92f3577b34da6a3ce929d0e0e4736',
      value: JSON.stringify(event),
      headers: {
        event_type: 'llm_call',
        tenant_id: 'team',
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      },
    })
  })

  it('goes to the partition that its trace, or without one its id, always goes to', () => {
    const partitionOf = (fields: Parameters<typeof anEvent>[0]) => toMessage('topic', anEvent(fields)).partition
    // As Java's producer does: `toPositive(murmur2(key))`, here of the 32 digits above.
    expect(partitionOf({ event_id: 'a' })).toBe(partitionOf({ event_id: 'b' }))
    const loose = { trace_id: null, span_id: null }
    expect(partitionOf({ ...loose, event_id: 'a' })).toBe(partitionOf({ ...loose, event_id: 'a' }))
    expect(partitionOf({ ...loose, event_id: 'a' })).not.toBe(partitionOf({ ...loose, event_id: 'b' }))
    expect(Object.keys(toMessage('topic', anEvent(loose)).headers ?? {})).toEqual(['event_type'])
    expect(toMessage('topic', anEvent(loose)).key).toBeUndefined()
  })
})
