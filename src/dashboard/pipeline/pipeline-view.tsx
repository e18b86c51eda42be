import { useMemo } from 'react'
import { usePage } from '../live/use-live.ts'
import { phaseNames, phaseSentence } from '../shell/connection-words.ts'
import type { Connection, Phase } from '../state/connection.ts'
import { binMs, ratesOf } from '../state/pipeline.ts'
import type { Pipeline, Trouble } from '../state/pipeline.ts'
import { Chart } from '../ui/chart.tsx'
import { useClock } from '../ui/clock.ts'
import { clockTime } from '../ui/clock-time.ts'
import { Ago } from '../ui/elapsed.tsx'
import { SortableTable } from '../ui/sortable-table.tsx'
import type { Column } from '../ui/sortable-table.tsx'
import { Fact } from '../ui/fact.tsx'
import { GatewayFacts } from './gateway-facts.tsx'
import { troubleCount, troublePlaces, troubleSentence } from './trouble-words.ts'
import './pipeline.css'

/** Whether what the other views show can be believed: how events come here, and what is missing. */
export function PipelineView() {
  const pipeline = usePage((state) => state.pipeline)
  return (
    <div className="stack pipeline">
      <h1 className="unseen">Pipeline</h1>
      <div className="pair">
        <ConnectionFacts />
        <GatewayFacts />
      </div>
      <Arrivals pipeline={pipeline} />
      <Troubles pipeline={pipeline} />
    </div>
  )
}

const tones: Readonly<Record<Phase, string>> = {
  signed_out: 'bad',
  connecting: 'info',
  catching_up: 'info',
  live: 'ok',
  lagging: 'warn',
  reconnecting: 'warn',
}

function ConnectionFacts() {
  const connection = usePage((state) => state.connection)
  const { phase, lag, heardAt, clockAheadMs, since } = connection
  const newestAt = usePage(({ log }) => log.newestAt)
  const received = usePage(({ log }) => log.received)
  return (
    <section className="panel pipeline-facts" aria-labelledby="pipeline-page">
      <h2 id="pipeline-page">
        This page{' '}
        <span className="badge" data-tone={tones[phase]} title={phaseSentence(connection)}>
          {phaseNames[phase]}
        </span>
      </h2>
      <dl className="figures">
        <Fact name="newest event">{newestAt === undefined ? 'none yet' : <Ago at={newestAt} />}</Fact>
        <Fact name="received">{received.toLocaleString('en')}</Fact>
        <Fact name="waiting at the gateway" tone={phase === 'lagging' ? 'warn' : undefined}>
          {lag.toLocaleString('en')}
        </Fact>
        <Fact name="heard from the gateway">
          {heardAt === undefined ? 'never' : <Ago at={heardAt + clockAheadMs} />}
        </Fact>
        <Fact name={`${phaseNames[phase].toLowerCase()} since`}>
          {since === 0 ? '–' : clockTime(new Date(since + clockAheadMs).toISOString()).slice(0, 8)}
        </Fact>
        <Fact name="gateway’s clock">{clockWords(connection)}</Fact>
      </dl>
    </section>
  )
}

function clockWords({ clockAheadMs }: Connection): string {
  const seconds = Math.abs(clockAheadMs) / 1_000
  if (seconds < 1) return 'as here'
  return `${seconds.toFixed(0)} s ${clockAheadMs > 0 ? 'ahead' : 'behind'}`
}

function Arrivals({ pipeline }: { readonly pipeline: Pipeline }) {
  const currentBin = useClock((now) => Math.floor(now / binMs))
  const rates = useMemo(() => ratesOf(pipeline, currentBin), [pipeline, currentBin])
  const points = useMemo(() => rates.map(({ at, rate }) => ({ at: at / 1_000, value: rate })), [rates])
  const highest = Math.max(0, ...rates.map(({ rate }) => rate ?? 0))
  return (
    <Chart
      name="Events per second, the last 5 minutes"
      summary={highest === 0 ? 'none came' : `up to ${eventsPerSecond(highest)}`}
      points={points}
      format={eventsPerSecond}
    />
  )
}

function eventsPerSecond(rate: number): string {
  return `${rate.toLocaleString('en', { maximumSignificantDigits: 3 })}/s`
}

function Troubles({ pipeline: { troubles, since } }: { readonly pipeline: Pipeline }) {
  return (
    <>
      {troubles.length === 0 ? (
        <section className="panel pipeline-facts">
          <h2>Nothing is known to be missing</h2>
          <p className="quiet">
            Here is what agents could not write, what the gateway could not send, and each loss of the connection: when,
            how much and why.
          </p>
        </section>
      ) : (
        <SortableTable
          caption="What is missing, and lost connections"
          columns={columns}
          rows={troubles}
          keyOf={({ seq }) => String(seq)}
          sortedBy="when"
        />
      )}
      <p className="footnote">
        {since === undefined
          ? 'Since this page is open'
          : `Since ${clockTime(new Date(since).toISOString()).slice(0, 8)}`}
        ; losses at agents also from before, where the page could read that far.
      </p>
    </>
  )
}

const columns: readonly Column<Trouble>[] = [
  { name: 'when', value: ({ at }) => at, cell: ({ at }) => clockTime(new Date(at).toISOString()).slice(0, 8) },
  {
    name: 'missing',
    value: (trouble) => (trouble.kind === 'break' ? 0 : trouble.count),
    cell: (trouble) => <span data-tone={trouble.kind === 'break' ? undefined : 'bad'}>{troubleCount(trouble)}</span>,
  },
  { name: 'why', value: troubleSentence, isText: true },
  { name: 'where', value: ({ kind }) => troublePlaces[kind], isText: true },
]
