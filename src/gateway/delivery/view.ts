import type { EventFilter } from '../event-filter.ts'
import type { EventFacts } from '../feed/event-facts.ts'
import type { FeedItem } from '../feed/feed-item.ts'
import { maySee, scopeOf } from '../principal.ts'
import type { Principal } from '../principal.ts'

/** What one connection sees of the feed. Connections with equal keys see the same. */
export interface View {
  readonly key: string
  shows(facts: EventFacts): boolean
  /** Holes concern everybody. */
  sees(item: FeedItem): boolean
}

/** Authorisation first, then what the client wants. */
export function viewOf(principal: Principal, filter: EventFilter): View {
  const shows = (facts: EventFacts) => maySee(principal, facts) && filter.wants(facts)
  return {
    key: `${scopeOf(principal)} ${filter.key}`,
    shows,
    sees: (item) => item.kind === 'gap' || shows(item.facts),
  }
}
