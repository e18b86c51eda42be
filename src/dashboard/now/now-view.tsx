import { useMemo } from 'react'
import { amount, dollars } from '../../client/figures.ts'
import { usePage } from '../live/use-live.ts'
import { Fact } from '../ui/fact.tsx'
import { NothingYet } from '../ui/nothing-yet.tsx'
import { useMinute } from '../ui/window-note.tsx'
import { AgentCardView } from './agent-card.tsx'
import { agentCards } from './agent-cards.ts'
import type { AgentCard } from './agent-cards.ts'
import './now.css'

/** States of agents that somebody should look at. */
const troubles: ReadonlySet<string> = new Set(['looping', 'silent', 'failing', 'degraded'])

/** What every agent is doing this second. */
export function NowView() {
  const runs = usePage((state) => state.runs)
  const summary = usePage((state) => state.summary)
  const minute = useMinute()
  const cards = useMemo(() => agentCards(runs, summary, minute * 60_000), [runs, summary, minute])
  if (cards.length === 0) return <NothingYet />
  return (
    <>
      <h1 className="unseen">Now</h1>
      <Overview cards={cards} />
      <ul className="agents">
        {cards.map((card) => (
          <AgentCardView key={card.id} card={card} />
        ))}
      </ul>
      <p className="footnote">Tokens and cost: runs of the last 15 minutes. p95 and errors: the last 5 minutes.</p>
    </>
  )
}

/** Always as high, so that no card moves when somebody gets into trouble. */
function Overview({ cards }: { readonly cards: readonly AgentCard[] }) {
  const count = (test: (card: AgentCard) => boolean) => String(cards.filter(test).length)
  const sum = (read: (card: AgentCard) => number) => cards.reduce((total, card) => total + read(card), 0)
  const inTrouble = cards.filter(({ state }) => troubles.has(state))
  return (
    <div className="overview">
      <dl className="figures totals">
        <Fact name="agents">{String(cards.length)}</Fact>
        <Fact name="working">{count(({ doing }) => doing.some(({ isWait }) => !isWait))}</Fact>
        <Fact name="waiting">{count(({ state }) => state === 'waiting')}</Fact>
        <Fact name="tokens">{amount(sum(({ tokens }) => tokens))}</Fact>
        <Fact name="cost">{dollars(sum(({ ownCost }) => ownCost))}</Fact>
        <Fact name="need a look" tone={inTrouble.length > 0 ? 'bad' : undefined}>
          {String(inTrouble.length)}
        </Fact>
      </dl>
      <p className="in-trouble">{inTrouble.map(({ role, state }) => `${role} is ${state}`).join(', ')}</p>
    </div>
  )
}
