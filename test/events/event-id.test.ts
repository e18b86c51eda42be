import { describe, expect, it } from 'vitest'
import { eventId } from '../../src/events/event-id.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'

describe('eventId', () => {
  it('is a version 5 UUID and the same for the same span and phase', () => {
    const id = eventId(traceId, '00f067aa0ba902b7', 'end')
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(eventId(traceId, '00f067aa0ba902b7', 'end')).toBe(id)
  })

  it('never changes between releases, so that replays are recognised', () => {
    expect(eventId(traceId, '00f067aa0ba902b7', 'start')).toMatchInlineSnapshot(
      `"9d7cee71-92b9-504e-a698-b5c1c76a532c"`,
    )
  })

  it('differs by span, by phase and by the event type of a second event', () => {
    const ids = new Set([
      eventId(traceId, '00f067aa0ba902b7', 'start'),
      eventId(traceId, '00f067aa0ba902b7', 'end'),
      eventId(traceId, '00f067aa0ba902b7', 'end:agent_collaboration'),
      eventId(traceId, '00f067aa0ba902b8', 'start'),
    ])
    expect(ids.size).toBe(4)
  })
})
