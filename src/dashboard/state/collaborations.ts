import { hasFailed } from '../../client/sentence.ts'
import type { AurenEvent } from '../../events/event.ts'
import type { Entry } from './last-minutes.ts'
import { others, unstated } from './model-calls.ts'

/** What one agent gave to another, of one kind: `delegation`, `handoff`, `consultation` or what its producer calls it. */
export interface Collaboration {
  readonly from: string
  readonly fromRole: string
  readonly to: string
  readonly toRole: string
  readonly kind: string
  readonly times: number
  readonly failed: number
  /** Milliseconds until the other one was done, of those that say it. */
  readonly timed: number
  readonly totalMs: number
  /** Milliseconds since the epoch. */
  readonly lastAt: number
}

/** One for each agent that it was given to; empty for other events, and where one of the two is not named. */
export function collaborationEntries(event: AurenEvent, at: number): Entry<Collaboration>[] {
  const { event_type: type, source_agent: from, target_agent: target, payload } = event
  if (type !== 'agent_collaboration' || from === null) return []
  const ms = payload['resolution_time_ms']
  const isTimed = typeof ms === 'number' && Number.isFinite(ms) && ms >= 0
  const kind = payload['collaboration_type']
  const sums = {
    from: from.id,
    fromRole: from.role ?? from.id,
    kind: typeof kind === 'string' && kind !== '' ? kind : unstated,
    times: 1,
    failed: hasFailed(event) ? 1 : 0,
    timed: isTimed ? 1 : 0,
    totalMs: isTimed ? ms : 0,
    lastAt: at,
  }
  return partnersOf(payload['collaborating_agents'], target?.id, from.id).map((to) => {
    const value = { ...sums, to, toRole: to === target?.id ? (target.role ?? to) : to }
    const overflow = { ...sums, from: others, fromRole: others, to: others, toRole: others }
    return { at, key: JSON.stringify([from.id, to, sums.kind]), value, overflow: { key: others, value: overflow } }
  })
}

export function addCollaborations(one: Collaboration, other: Collaboration): Collaboration {
  return {
    ...one,
    times: one.times + other.times,
    failed: one.failed + other.failed,
    timed: one.timed + other.timed,
    totalMs: one.totalMs + other.totalMs,
    lastAt: Math.max(one.lastAt, other.lastAt),
  }
}

function partnersOf(value: unknown, target: string | undefined, self: string): string[] {
  const named = Array.isArray(value) ? value.filter((id): id is string => typeof id === 'string' && id !== '') : []
  const partners = new Set(target === undefined ? named : [target, ...named])
  partners.delete(self)
  return [...partners]
}
