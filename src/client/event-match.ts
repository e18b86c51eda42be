import type { AurenEvent } from '../events/event.ts'
import { hasFailed, sentence } from './sentence.ts'

/** What a reader wants to see; what is left out lets every event pass. */
export interface EventWish {
  /** Ids of the agent that acts or is acted on. */
  readonly agents?: readonly string[] | undefined
  readonly types?: readonly string[] | undefined
  readonly session?: string | undefined
  readonly user?: string | undefined
  /** In the event's sentence, its agents, or the ids of its run and session; upper or lower case. */
  readonly text?: string | undefined
  /** Milliseconds: only what took longer. */
  readonly slowerThanMs?: number | undefined
  /** USD: only what cost more. */
  readonly costlierThan?: number | undefined
  readonly failed?: boolean | undefined
}

/** Whether an event is what its reader wants to see. */
export function matches(event: AurenEvent, wish: EventWish): boolean {
  const { agents = [], types = [], session, user, text, slowerThanMs, costlierThan, failed } = wish
  if (types.length > 0 && !types.includes(event.event_type)) return false
  if (agents.length > 0 && !agentsOf(event).some((id) => agents.includes(id))) return false
  if (session !== undefined && event.session_id !== session) return false
  if (user !== undefined && event.user_id !== user) return false
  if (slowerThanMs !== undefined && !(latencyOf(event) > slowerThanMs)) return false
  if (costlierThan !== undefined && !(costOf(event) > costlierThan)) return false
  if (failed === true && !hasFailed(event)) return false
  return text === undefined || wordsOf(event).includes(text.toLowerCase())
}

function agentsOf({ source_agent: source, target_agent: target }: AurenEvent): string[] {
  return [source, target].flatMap((agent) => agent?.id ?? [])
}

/** Milliseconds; none where nothing was timed. */
function latencyOf({ payload, performance_metrics: metrics }: AurenEvent): number {
  const { latency_ms: latency, execution_time_ms: use, session_duration_ms: run } = payload
  return Number(latency ?? use ?? run ?? metrics?.latency_ms ?? Number.NaN)
}

/** USD: of a call, or of an agent's run with what it delegated. */
function costOf({ payload }: AurenEvent): number {
  const { cost, own_cost: own, delegated_cost: delegated } = payload
  return Number(cost ?? Number(own ?? Number.NaN) + Number(delegated ?? 0))
}

function wordsOf(event: AurenEvent): string {
  return [sentence(event), ...agentsOf(event), event.trace_id, event.session_id].join('\n').toLowerCase()
}
