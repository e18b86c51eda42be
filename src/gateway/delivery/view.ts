import type { EventFilter } from '../event-filter.ts'
import type { FeedItem } from '../feed/feed-item.ts'
import { maySee, scopeOf } from '../principal.ts'
import type { Principal } from '../principal.ts'

/** What one connection sees of the feed. Connections with equal keys see the same. */
export interface View {
  readonly key: string
  sees(item: FeedItem): boolean
}

/** Authorisation first, then what the client wants. Holes concern everybody. */
export function viewOf(principal: Principal, filter: EventFilter): View {
  return {
    key: `${scopeOf(principal)} ${filter.key}`,
    sees: (item) => item.kind === 'gap' || (maySee(principal, item) && filter.wants(item)),
  }
}
