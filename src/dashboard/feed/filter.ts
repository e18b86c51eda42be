import type { EventRow, Row } from '../state/event-log.ts'

/** What of the feed is shown: everything that is given has to hold. */
export interface Filter {
  readonly agent?: string
  readonly type?: string
  readonly session?: string
  readonly user?: string
  /** Words, all of which are to be found, in any case. */
  readonly text?: string
  readonly slowerThanMs?: number
  readonly costlierThanUsd?: number
  readonly failed?: true
}

/** Names in the address. */
const parameters = {
  agent: 'agent',
  type: 'type',
  session: 'session',
  user: 'user',
  text: 'text',
  slowerThanMs: 'slower',
  costlierThanUsd: 'costlier',
  failed: 'failed',
} as const satisfies Record<keyof Filter, string>

export const filterParameters: readonly string[] = Object.values(parameters)

export function filterFrom(query: URLSearchParams): Filter {
  const text = (name: keyof Filter) => query.get(parameters[name])?.trim() || undefined
  const number = (name: keyof Filter) => {
    const value = Number(text(name) ?? NaN)
    return value >= 0 ? value : undefined
  }
  const filter = {
    agent: text('agent'),
    type: text('type'),
    session: text('session'),
    user: text('user'),
    text: text('text'),
    slowerThanMs: number('slowerThanMs'),
    costlierThanUsd: number('costlierThanUsd'),
    failed: query.has(parameters.failed) || undefined,
  }
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
}

/** Holes are shown whatever is asked for: nobody knows what was in them. */
export function matcher(filter: Filter): (row: Row) => boolean {
  const tests = Object.entries(testsOf(filter)).flatMap(([name, test]) => (name in filter ? [test] : []))
  return (row) => row.kind === 'gap' || tests.every((test) => test(row))
}

function testsOf(filter: Filter): Record<keyof Filter, (row: EventRow) => boolean> {
  const words = filter.text?.toLowerCase().split(/\s+/) ?? []
  return {
    agent: ({ event }) => event.source_agent?.id === filter.agent || event.target_agent?.id === filter.agent,
    type: ({ event }) => event.event_type === filter.type,
    session: ({ event }) => event.session_id === filter.session,
    user: ({ event }) => event.user_id === filter.user,
    text: (row) => {
      const said = searched(row)
      return words.every((word) => said.includes(word))
    },
    slowerThanMs: ({ latencyMs }) => latencyMs !== undefined && latencyMs > (filter.slowerThanMs ?? 0),
    costlierThanUsd: ({ cost }) => cost !== undefined && cost > (filter.costlierThanUsd ?? 0),
    failed: ({ failed }) => failed,
  }
}

/** What a search looks at: what is shown, and the ids that somebody may paste. */
function searched({ agent, text, event }: EventRow): string {
  const ids = [event.event_id, event.trace_id, event.session_id, event.user_id, event.span_id]
  return [agent, text, event.event_type, ...ids].join(' ').toLowerCase()
}
