import { useMemo } from 'react'
import { amount, dollars } from '../../client/figures.ts'
import { usePage } from '../live/use-live.ts'
import { minutesShown } from '../state/last-minutes.ts'
import type { CallSums } from '../state/model-calls.ts'
import { AgentName } from '../ui/agent-name.tsx'
import { Chart } from '../ui/chart.tsx'
import { Fact } from '../ui/fact.tsx'
import { NothingYet } from '../ui/nothing-yet.tsx'
import { SortableTable } from '../ui/sortable-table.tsx'
import type { Column } from '../ui/sortable-table.tsx'
import { useMinute, WindowNote } from '../ui/window-note.tsx'
import { cachedShare, costsOf } from './costs.ts'
import type { AgentCost, Costs, NamedCost } from './costs.ts'
import './cost.css'

/** What the last minutes cost, and whose it is. */
export function CostView() {
  const totals = usePage((state) => state.totals)
  const isEmpty = usePage(({ log }) => log.next === 0)
  const minute = useMinute()
  const costs = useMemo(() => costsOf(totals, minute), [totals, minute])
  if (isEmpty) return <NothingYet />
  return (
    <>
      <h1 className="unseen">Cost</h1>
      {costs.total.calls === 0 ? <NoCalls /> : <Bill costs={costs} minute={minute} />}
      <WindowNote what="Finished model calls" />
    </>
  )
}

function NoCalls() {
  return (
    <section className="panel empty">
      <h2>No model calls in the last {minutesShown} minutes</h2>
      <p>
        Here is what each agent, model and session costs, a minute after another, with what was read from a cache. A
        call counts when it has ended.
      </p>
    </section>
  )
}

function Bill({ costs, minute }: { readonly costs: Costs; readonly minute: number }) {
  const { total, agents, models, sessions, minutes } = costs
  const points = useMemo(
    () => minutes.map(({ cost }, index) => ({ at: (minute - minutes.length + 1 + index) * 60, value: cost })),
    [minutes, minute],
  )
  const highest = Math.max(...minutes.map(({ cost }) => cost))
  return (
    <div className="stack">
      <dl className="panel figures totals">
        <Fact name="cost">{bill(total.cost, total.unpriced)}</Fact>
        <Fact name="model calls">{amount(total.calls)}</Fact>
        <Fact name="failed" tone={total.failed > 0 ? 'bad' : undefined}>
          {amount(total.failed)}
        </Fact>
        <Fact name="input tokens">{amount(total.input)}</Fact>
        <Fact name="of them cached">{percent(cachedShare(total))}</Fact>
        <Fact name="output tokens">{amount(total.output)}</Fact>
        <Fact name="without a price" tone={total.unpriced > 0 ? 'warn' : undefined}>
          {amount(total.unpriced)}
        </Fact>
      </dl>
      {total.unpriced > 0 && (
        <p className="cost-bound">
          {total.unpriced === 1 ? '1 call has' : `${total.unpriced.toLocaleString('en')} calls have`} no known price: a
          cost with ≥ is a lower bound. Prices of private models come from <code>AUREN_PRICES_FILE</code>.
        </p>
      )}
      <Chart name="Cost per minute" summary={`up to ${dollars(highest)} a minute`} points={points} format={dollars} />
      <SortableTable caption="By agent" columns={agentColumns} rows={agents} keyOf={idOf} sortedBy="own" />
      <div className="pair">
        <SortableTable caption="By model" columns={modelColumns} rows={models} keyOf={nameOf} sortedBy="cost" />
        <SortableTable caption="By session" columns={sessionColumns} rows={sessions} keyOf={nameOf} sortedBy="cost" />
      </div>
    </div>
  )
}

const idOf = ({ id }: AgentCost) => id
const nameOf = ({ name }: NamedCost) => name

const usage: readonly Column<CallSums>[] = [
  { name: 'calls', value: ({ calls }) => calls, cell: ({ calls }) => amount(calls) },
  { name: 'input', value: ({ input }) => input, cell: ({ input }) => amount(input) },
  { name: 'cached', value: cachedShare, cell: (sums) => percent(cachedShare(sums)) },
  { name: 'output', value: ({ output }) => output, cell: ({ output }) => amount(output) },
]

const agentColumns: readonly Column<AgentCost>[] = [
  { name: 'agent', value: ({ role }) => role, cell: ({ id, role }) => <AgentName id={id} role={role} /> },
  { name: 'own', value: ({ cost }) => cost, cell: ({ cost, unpriced }) => bill(cost, unpriced) },
  {
    name: 'delegated',
    value: ({ delegated }) => delegated,
    cell: ({ delegated, delegatedUnpriced }) => bill(delegated, delegatedUnpriced),
  },
  ...usage,
]

const cost: Column<CallSums> = {
  name: 'cost',
  value: (sums) => sums.cost,
  cell: (sums) => bill(sums.cost, sums.unpriced),
}
const modelColumns: readonly Column<NamedCost>[] = [{ name: 'model', value: nameOf }, cost, ...usage]
const sessionColumns: readonly Column<NamedCost>[] = [{ name: 'session', value: nameOf }, cost, ...usage]

/** A cost of which calls are not known is a lower bound. */
function bill(usd: number, unpriced: number): string {
  return unpriced > 0 ? `≥ ${dollars(usd)}` : dollars(usd)
}

function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${Math.round(share * 100)} %`
}
