import type { AurenEvent } from '../../events/event.ts'
import { topicsOf } from '../../protocol/subscriptions.ts'
import type { Visible } from '../principal.ts'

/** What authorisation and filters look at, so that they need not hold the event. */
export interface EventFacts extends Visible {
  readonly type: AurenEvent['event_type']
  /** A bit for each subscription that delivers it. */
  readonly topics: number
  readonly targetId: string | undefined
  readonly score: number | undefined
  readonly session_id: AurenEvent['session_id']
  readonly trace_id: AurenEvent['trace_id']
}

export function factsOf(event: AurenEvent): EventFacts {
  const { source_agent: source } = event
  const score: unknown = event.performance_metrics?.confidence_score
  return {
    tenant_id: event.tenant_id,
    user_id: event.user_id,
    source_agent: source && { id: source.id, role: source.role },
    type: event.event_type,
    topics: topicsOf(event),
    targetId: event.target_agent?.id,
    // What is no number is no score, also null: the predecessor's NaN.
    score: typeof score === 'number' ? score : undefined,
    session_id: event.session_id,
    trace_id: event.trace_id,
  }
}
