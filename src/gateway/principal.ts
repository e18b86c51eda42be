import type { AurenEvent } from '../events/event.ts'
import type { Permission } from '../protocol/permissions.ts'

/** Who a token speaks for, from verified claims only. */
export interface Principal {
  readonly userId: string
  readonly tenantId: string | null
  readonly permissions: ReadonlySet<Permission>
  /** Agents whose events may be seen; null: all. */
  readonly agents: ReadonlySet<string> | null
  /** Milliseconds since the epoch; null for test tokens. */
  readonly expiresAt: number | null
  /** `jti` and `iat` (seconds since the epoch) of the token, where it has them: for the revocation list. */
  readonly token?: { readonly id: string | null; readonly issuedAt: number | null }
  /** Events that may be sent to one connection in a minute; null: no limit. */
  readonly maxEventsPerMinute: number | null
}

/** What the rule looks at, so that a sample of an event can be judged as the event itself. */
export type Visible = Pick<AurenEvent, 'tenant_id' | 'user_id' | 'source_agent'>

/**
 * THE authorisation rule (contract §4): the tenants are equal, the principal may see all of the tenant or the event is its
 * user's own, and the source agent is one it may see. Every way out of the gateway asks here; filters are only convenience.
 */
export function maySee(principal: Principal, event: Visible): boolean {
  if (event.tenant_id !== principal.tenantId) return false
  if (!principal.permissions.has('all') && event.user_id !== principal.userId) return false
  if (principal.agents === null) return true
  return event.source_agent !== null && principal.agents.has(event.source_agent.id)
}

/** Equal for principals that see the same events: what is computed once may be sent to all of them. */
export function scopeOf(principal: Principal): string {
  const user = principal.permissions.has('all') ? null : principal.userId
  const agents = principal.agents && [...principal.agents].sort()
  return JSON.stringify([principal.tenantId, user, agents])
}
