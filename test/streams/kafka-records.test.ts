import { describe, expect, it } from 'vitest'
import { toMessage } from '../../src/streams/kafka-records.ts'
import { anEvent } from '../support/events.ts'

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
