import { useMemo } from 'react'
import { usePage } from '../live/use-live.ts'
import { NothingYet } from '../ui/nothing-yet.tsx'
import { AgentCardView } from './agent-card.tsx'
import { agentCards } from './agent-cards.ts'
import './now.css'

const troubles: ReadonlySet<string> = new Set(['looping', 'silent', 'failing', 'degraded'])

/** What every agent is doing this second. */
export function NowView() {
  const runs = usePage((state) => state.runs)
  const summary = usePage((state) => state.summary)
  const cards = useMemo(() => agentCards(runs, summary), [runs, summary])
  const inTrouble = cards.filter(({ state }) => troubles.has(state))
  if (cards.length === 0) return <NothingYet />
  return (
    <>
      <h1 className="unseen">Now</h1>
      {inTrouble.length > 0 && (
        <p className="attention">
          {inTrouble.length === 1 ? '1 agent needs' : `${inTrouble.length} agents need`} a look:{' '}
          {inTrouble.map(({ role, state }) => `${role} (${state})`).join(', ')}
        </p>
      )}
      <ul className="agents">
        {cards.map((card) => (
          <AgentCardView key={card.id} card={card} />
        ))}
      </ul>
      <p className="footnote">Tokens and cost: runs of the last 15 minutes. p95 and errors: the last 5 minutes.</p>
    </>
  )
}
