import { lazy, Suspense, useMemo } from 'react'
import { amount, duration } from '../../client/figures.ts'
import { usePage } from '../live/use-live.ts'
import { agentCards } from '../now/agent-cards.ts'
import { minutesShown } from '../state/last-minutes.ts'
import { AgentName } from '../ui/agent-name.tsx'
import { Elapsed } from '../ui/elapsed.tsx'
import { Loading } from '../ui/loading.tsx'
import { NothingYet } from '../ui/nothing-yet.tsx'
import { SortableTable } from '../ui/sortable-table.tsx'
import type { Column } from '../ui/sortable-table.tsx'
import { useMedia } from '../ui/use-media.ts'
import { useMinute, WindowNote } from '../ui/window-note.tsx'
import { keyOf, relationsOf } from './relations.ts'
import type { Relation } from './relations.ts'
import './collaboration.css'

/** Where there is room for it. */
const Graph = lazy(async () => ({ default: (await import('./collaboration-graph.tsx')).CollaborationGraph }))

/** Who gives work to whom, how often it fails, and who waits for whom now. */
export function CollaborationView() {
  const runs = usePage((state) => state.runs)
  const summary = usePage((state) => state.summary)
  const totals = usePage((state) => state.totals)
  const isEmpty = usePage(({ log }) => log.next === 0)
  const minute = useMinute()
  const isWide = useMedia('(width >= 760px)')
  const cards = useMemo(() => agentCards(runs, summary, minute * 60_000), [runs, summary, minute])
  const relations = useMemo(() => relationsOf(totals, minute, cards), [totals, minute, cards])
  const states = useMemo(() => new Map(cards.map(({ id, state }) => [id, state])), [cards])
  if (isEmpty) return <NothingYet />
  return (
    <>
      <h1 className="unseen">Collaboration</h1>
      {relations.length === 0 ? (
        <Alone />
      ) : (
        <div className="stack">
          {isWide && (
            <Suspense fallback={<Loading />}>
              <Graph relations={relations} states={states} />
            </Suspense>
          )}
          <SortableTable
            caption="Who gives work to whom"
            columns={columns}
            rows={relations}
            keyOf={keyOf}
            sortedBy="times"
          />
        </div>
      )}
      <WindowNote what="Finished hand-offs and delegations" />
    </>
  )
}

function Alone() {
  return (
    <section className="panel empty">
      <h2>No agent gave work to another in the last {minutesShown} minutes</h2>
      <p>
        Here is who delegates or hands over to whom, how often and how often in vain, and who waits for whom at the
        moment. An agent that works below another one is a delegation by itself: nothing has to be reported.
      </p>
    </section>
  )
}

const columns: readonly Column<Relation>[] = [
  {
    name: 'from',
    value: ({ fromRole }) => fromRole,
    cell: ({ from, fromRole }) => <AgentName id={from} role={fromRole} />,
  },
  {
    name: 'to',
    value: ({ toRole }) => toRole,
    cell: ({ to, toRole }) => <AgentName id={to} role={toRole} />,
    isText: true,
  },
  { name: 'times', value: ({ times }) => times, cell: ({ times }) => amount(times) },
  {
    name: 'failed',
    value: ({ failed }) => failed,
    cell: ({ failed }) => <span data-tone={failed > 0 ? 'bad' : undefined}>{amount(failed)}</span>,
  },
  {
    name: 'time',
    value: ({ meanMs }) => meanMs,
    cell: ({ meanMs }) => (meanMs === undefined ? '–' : `⌀ ${duration(meanMs)}`),
  },
  {
    name: 'waiting now',
    value: ({ waiting }) => waiting,
    cell: ({ waiting, waitingSince }) =>
      waitingSince === undefined ? (
        '–'
      ) : (
        <>
          {waiting} for <Elapsed since={waitingSince} />
        </>
      ),
  },
  {
    name: 'kinds',
    value: ({ kinds }) => kinds.map(([kind]) => kind).join(', '),
    cell: ({ kinds }) => kinds.map(([kind, times]) => `${kind} ${amount(times)}`).join(', ') || '–',
    isText: true,
  },
]
