import { eventId } from '../events/event-id.ts'
import type { AurenEvent } from '../events/event.ts'
import { toTimestamp } from '../events/timestamp.ts'

const name = 'process_gone'

/** Whom the alert is about: the run, and who may know of it. */
export type GoneRun = Pick<AurenEvent, 'session_id' | 'source_agent' | 'tenant_id' | 'user_id'> & {
  readonly trace_id: string
}

/** Says that a process ended before its run did. Whoever notices says it with the same id, so that it is told once. */
export function processGone(run: GoneRun, producer: string, now: number): AurenEvent {
  return {
    event_id: eventId(run.trace_id, producer, 'end:alert'),
    trace_id: run.trace_id,
    session_id: run.session_id,
    timestamp: toTimestamp(now),
    event_type: 'alert',
    source_agent: run.source_agent,
    target_agent: null,
    payload: { alert: name, producer, message: 'lost its process: what was open there will not be finished' },
    metadata: {},
    user_id: run.user_id,
    span_id: null,
    parent_span_id: null,
    tenant_id: run.tenant_id,
  }
}

/** The process that an event says is gone; undefined when it says nothing of the kind. */
export function goneProducer({ event_type: type, payload }: AurenEvent): string | undefined {
  const { alert, producer } = payload
  return type === 'alert' && alert === name && typeof producer === 'string' ? producer : undefined
}
