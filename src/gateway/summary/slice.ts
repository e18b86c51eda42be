import { maySee } from '../principal.ts'
import type { Principal, Visible } from '../principal.ts'
import { AgentTally } from './agent-tally.ts'

interface Kept {
  readonly visible: Visible
  readonly agent: string
  readonly tally: AgentTally
}

type Agents = Map<string, Kept>

/**
 * What happened in some seconds, by who may see it. Kept by tenant and user, since a thousand readers ask at once, and most of
 * them may see little of it.
 */
export class Slice {
  readonly #tenants = new Map<string | null, Map<string | null, Agents>>()
  #size = 0

  /** Number of tallies. */
  get size(): number {
    return this.#size
  }

  /** The tally of an agent in events that the same may see. */
  tallyOf(agent: string, { tenant_id, user_id, source_agent: source }: Visible): AgentTally {
    const users = this.#tenants.get(tenant_id) ?? new Map<string | null, Agents>()
    const agents: Agents = users.get(user_id) ?? new Map<string, Kept>()
    const known = agents.get(agent)
    if (known !== undefined) return known.tally
    const source_agent = source && { id: source.id, role: source.role }
    const kept = { visible: { tenant_id, user_id, source_agent }, agent, tally: new AgentTally() }
    this.#tenants.set(tenant_id, users.set(user_id, agents.set(agent, kept)))
    this.#size += 1
    return kept.tally
  }

  /** What the principal may see: where it stands only decides where to look, the one rule what is shown. */
  *visibleTo(principal: Principal): Generator<Kept> {
    const users = this.#tenants.get(principal.tenantId)
    const own = principal.permissions.has('all') ? users?.values() : [users?.get(principal.userId)]
    for (const agents of own ?? [])
      for (const kept of agents?.values() ?? []) if (maySee(principal, kept.visible)) yield kept
  }
}
