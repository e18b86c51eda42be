import { describe, expect, it } from 'vitest'
import { eventId } from '../../src/events/event-id.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'

describe('eventId', () => {
  it.each([
    ['start', 8],
    ['end', 8],
    ['end:agent_collaboration', 5],
  ] as const)('is a UUID and the same for the same span and phase %s', (phase, version) => {
    const id = eventId(traceId, '00f067aa0ba902b7', phase)
    expect(id).toMatch(new RegExp(`^[0-9a-f]{8}-[0-9a-f]{4}-${version}[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`))
    expect(eventId(traceId, '00f067aa0ba902b7', phase)).toBe(id)
  })

  it('never changes between releases, so that replays are recognised', () => {
    expect(eventId(traceId, '00f067aa0ba902b7', 'start')).toMatchInlineSnapshot(
      `"00f067aa-0ba9-802b-87ce-929d0e0e4736"`,
    )
  })

  it('differs by span, by phase and by the event type of a second event', () => {
    const ids = new Set([
      eventId(traceId, '00f067aa0ba902b7', 'start'),
      eventId(traceId, '00f067aa0ba902b7', 'end'),
      eventId(traceId, '00f067aa0ba902b7', 'end:agent_collaboration'),
      eventId(traceId, '00f067aa0ba902b8', 'start'),
      eventId(traceId.replace(/6$/, '7'), '00f067aa0ba902b7', 'start'),
    ])
    expect(ids.size).toBe(5)
  })
})
