import { useMemo } from 'react'
import { amount, duration } from '../../client/figures.ts'
import { usePage } from '../live/use-live.ts'
import { clockTime } from '../ui/clock-time.ts'
import { Fact } from '../ui/fact.tsx'
import { Loading } from '../ui/loading.tsx'
import { NothingYet } from '../ui/nothing-yet.tsx'
import { SortableTable } from '../ui/sortable-table.tsx'
import type { Column } from '../ui/sortable-table.tsx'
import { allTiers, tiersOf } from './tiers.ts'
import type { Tier } from './tiers.ts'
import './memory.css'

/** How the tiers of memory serve the agents. */
export function MemoryView() {
  const summary = usePage((state) => state.summary)
  const isEmpty = usePage(({ log }) => log.next === 0)
  const tiers = useMemo(() => tiersOf(summary?.memory ?? {}), [summary])
  if (isEmpty) return <NothingYet />
  if (summary === undefined) return <Loading />
  return (
    <>
      <h1 className="unseen">Memory</h1>
      {tiers.length === 0 ? <NoAccess /> : <Tiers tiers={tiers} />}
      <p className="footnote">
        Accesses since {clockTime(summary.window_start).slice(0, 8)} (the last {summary.window_seconds / 60} minutes),
        as the gateway said at {clockTime(summary.timestamp).slice(0, 8)}. Latencies are within 1 %.
      </p>
    </>
  )
}

function NoAccess() {
  return (
    <section className="panel empty">
      <h2>No agent has used its memory in the last minutes</h2>
      <p>
        Here is how often each tier is asked, how often it has what is looked for, and how long it takes: reads and
        writes of Redis, PostgreSQL and vector stores, and the memory operations of agent frameworks.
      </p>
    </section>
  )
}

function Tiers({ tiers }: { readonly tiers: readonly Tier[] }) {
  const { accesses, errors, hitRate } = allTiers(tiers)
  return (
    <div className="stack">
      <dl className="panel figures totals">
        <Fact name="accesses">{amount(accesses)}</Fact>
        <Fact name="hit rate">{percent(hitRate)}</Fact>
        <Fact name="errors" tone={errors > 0 ? 'bad' : undefined}>
          {amount(errors)}
        </Fact>
      </dl>
      <SortableTable caption="By tier" columns={columns} rows={tiers} keyOf={({ name }) => name} sortedBy="accesses" />
    </div>
  )
}

const columns: readonly Column<Tier>[] = [
  { name: 'tier', value: ({ name }) => name },
  { name: 'accesses', value: ({ accesses }) => accesses, cell: ({ accesses }) => amount(accesses) },
  { name: 'hit rate', value: ({ hitRate }) => hitRate, cell: ({ hitRate }) => <HitRate rate={hitRate} /> },
  { name: 'hits', value: ({ hits }) => hits, cell: ({ hits }) => amount(hits) },
  { name: 'misses', value: ({ misses }) => misses, cell: ({ misses }) => amount(misses) },
  {
    name: 'errors',
    value: ({ errors }) => errors,
    cell: ({ errors }) => <span data-tone={errors > 0 ? 'bad' : undefined}>{amount(errors)}</span>,
  },
  { name: 'p50', value: ({ p50 }) => p50, cell: ({ p50 }) => latency(p50) },
  { name: 'p95', value: ({ p95 }) => p95, cell: ({ p95 }) => latency(p95) },
  { name: 'p99', value: ({ p99 }) => p99, cell: ({ p99 }) => latency(p99) },
]

function HitRate({ rate }: { readonly rate: number | undefined }) {
  return (
    <span className="memory-rate">
      {rate !== undefined && (
        <span className="memory-bar" aria-hidden="true">
          <span style={{ width: `${rate * 100}%` }} />
        </span>
      )}
      <span>{percent(rate)}</span>
    </span>
  )
}

function latency(ms: number | undefined): string {
  return ms === undefined ? '–' : duration(ms)
}

function percent(rate: number | undefined): string {
  return rate === undefined ? '–' : `${Math.round(rate * 100)} %`
}
