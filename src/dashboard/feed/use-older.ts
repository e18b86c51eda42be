import { useState } from 'react'
import type { EventsQuery } from '../live/gateway-api.ts'
import { useLive } from '../live/use-live.ts'
import { toRow } from '../state/event-log.ts'
import type { EventLog, Row } from '../state/event-log.ts'
import { matcher } from './filter.ts'
import type { Filter } from './filter.ts'

/** Events from before those that the page has, by the filter of the feed. */
export interface Older {
  /** Oldest first. */
  readonly rows: readonly Row[]
  /** `there`: the stream has older ones, or nobody has looked yet; `none`: all that match are shown. */
  readonly state: 'there' | 'asked' | 'failed' | 'none'
  /** Asks for the next of them. */
  readonly load: () => void
}

interface Found extends Pick<Older, 'rows' | 'state'> {
  readonly log: EventLog
  readonly filter: Filter
  readonly before: string | undefined
}

/** Events that one answer has at the most. */
const pageSize = 1_000

/** They belong to a log that stands still and to one filter: with another of these they are forgotten. */
export function useOlder(log: EventLog, filter: Filter): Older {
  const { api } = useLive()
  const [last, setLast] = useState<Found>()
  const isHere = (found: Found | undefined) => found?.log === log && found.filter === filter
  const state = log.before === undefined ? 'none' : 'there'
  const found: Found = isHere(last) && last ? last : { log, filter, rows: [], before: log.before, state }
  const load = () => {
    const { before, rows } = found
    if (before === undefined || found.state === 'asked') return
    const settle = (next: Found) => setLast((current) => (isHere(current) ? next : current))
    setLast({ ...found, state: 'asked' })
    api.events({ limit: pageSize, before, ...asked(filter) }).then(
      (answer) => {
        const older = answer.events.map((event, index) => toRow(-1 - rows.length - index, event)).reverse()
        settle({
          ...found,
          rows: [...older.filter(matcher(filter)), ...rows],
          before: answer.before,
          state: answer.before === undefined ? 'none' : 'there',
        })
      },
      () => settle({ ...found, state: 'failed' }),
    )
  }
  return { rows: found.rows, state: found.state, load }
}

/** What the gateway can look for by itself. The rest is looked for in what it answers. */
function asked({ agent, type, session, user }: Filter): Omit<EventsQuery, 'limit'> {
  return { ...(agent && { agent }), ...(type && { type }), ...(session && { session }), ...(user && { user }) }
}
