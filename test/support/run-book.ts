import type { AurenEvent } from '../../src/events/event.ts'
import type { Principal } from '../../src/gateway/principal.ts'
import { RunBook } from '../../src/gateway/runs/run-book.ts'
import type { RunBookOptions } from '../../src/gateway/runs/run-book.ts'
import type { RunTree } from '../../src/protocol/runs.ts'
import { traceId, zero } from './run-events.ts'

/** Sees every event that has no tenant. */
export const everything: Principal = {
  userId: 'admin',
  tenantId: null,
  permissions: new Set(['all']),
  agents: null,
  expiresAt: null,
  maxEventsPerMinute: null,
}

/** A book in which it is so many seconds after {@link zero}, with events that were read back. */
export function bookAt(seconds: number, events: readonly AurenEvent[] = [], options: RunBookOptions = {}) {
  let now = zero + seconds * 1000
  const book = new RunBook({ now: () => now, ...options })
  for (const event of events) book.add(event)
  return {
    book,
    /** The run of {@link traceId}. */
    run: (principal = everything) => book.find(principal, traceId) as RunTree,
    goTo: (later: number) => (now = zero + later * 1000),
  }
}
