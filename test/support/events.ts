import { eventId } from '../../src/events/event-id.ts'
import type { AurenEvent } from '../../src/events/event.ts'

let counter = 0

/** A valid event with an id of its own; give the fields that the test is about. */
export function anEvent(fields: Partial<AurenEvent> = {}): AurenEvent {
  counter += 1
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const spanId = counter.toString(16).padStart(16, '0')
  return {
    event_id: eventId(traceId, spanId, 'end'),
    trace_id: traceId,
    session_id: 'session-1',
    timestamp: '2026-11-21T04:30:00.123+00:00',
    event_type: 'llm_call',
    source_agent: { id: 'neuroscientist', role: 'Neuroscientist' },
    target_agent: null,
    payload: { model: 'gpt-5-mini', provider: 'openai', success: true },
    metadata: { platform: 'test' },
    user_id: 'user-1',
    span_id: spanId,
    parent_span_id: null,
    tenant_id: null,
    ...fields,
  }
}
