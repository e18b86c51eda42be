import type { AurenEvent } from '../../events/event.ts'
import { addCollaborations, collaborationEntries } from './collaborations.ts'
import type { Collaboration } from './collaborations.ts'
import type { Input } from './input.ts'
import { withEntries } from './last-minutes.ts'
import type { LastMinutes } from './last-minutes.ts'
import { addCalls, callEntry } from './model-calls.ts'
import type { CallLine } from './model-calls.ts'

/** What is added up of the last minutes. It does not depend on what the feed still has: a busy feed forgets in seconds. */
export interface Totals {
  readonly calls: LastMinutes<CallLine>
  readonly collaborations: LastMinutes<Collaboration>
  /** From when on nothing is missing, milliseconds since the epoch; undefined where all that the stream has was read. */
  readonly since: number | undefined
  /** Ids of the events from before the page was opened: what follows may begin with some of them. */
  readonly past: ReadonlySet<string>
}

export const noTotals: Totals = { calls: new Map(), collaborations: new Map(), since: undefined, past: new Set() }

/** The types that are kept apart from the feed, which the page asks for when it is opened. */
export const addedTypes = ['llm_call', 'agent_collaboration', 'telemetry_gap'] as const
const added: ReadonlySet<string> = new Set(addedTypes)

/** Events that come live are told once by the client; those of the past are told apart here, so that each counts once. */
export function foldTotals(totals: Totals, inputs: readonly Input[], clockAheadMs: number): Totals {
  const fresh: { readonly event: AurenEvent; readonly at: number }[] = []
  let [past, since] = [totals.past, totals.since]
  for (const input of inputs) {
    if (input.type === 'message' && input.message.type === 'stream_event') {
      const { event } = input.message
      if (!added.has(event.event_type) || past.has(event.event_id)) continue
      fresh.push({ event, at: Math.min(Date.parse(event.timestamp), input.at + clockAheadMs) })
    } else if (input.type === 'history' || input.type === 'past') {
      const ids = new Set(past)
      for (const event of input.events) {
        if (!added.has(event.event_type) || ids.has(event.event_id)) continue
        ids.add(event.event_id)
        fresh.push({ event, at: Date.parse(event.timestamp) })
      }
      past = ids
      if (input.type === 'past') since = input.since
    }
  }
  if (fresh.length === 0 && since === totals.since) return totals
  const known = fresh.filter(({ at }) => !Number.isNaN(at))
  return {
    calls: withEntries(
      totals.calls,
      known.flatMap(({ event, at }) => callEntry(event, at) ?? []),
      addCalls,
    ),
    collaborations: withEntries(
      totals.collaborations,
      known.flatMap(({ event, at }) => collaborationEntries(event, at)),
      addCollaborations,
    ),
    since,
    past,
  }
}
