import { amount, dollars, duration } from '../../client/figures.ts'
import { AgentName } from '../ui/agent-name.tsx'
import { Ago, Elapsed } from '../ui/elapsed.tsx'
import { Fact } from '../ui/fact.tsx'
import type { AgentCard, Doing } from './agent-cards.ts'

export function AgentCardView({ card }: { readonly card: AgentCard }) {
  const { id, role, state, tokens, ownCost, delegatedCost, p95Ms, errorRate } = card
  return (
    <li className="agent" data-state={state} aria-label={`${role}, ${state}`}>
      <div className="agent-head">
        <AgentName id={id} role={role} />
        <span className="badge" data-tone={stateTones[state]}>
          {state}
        </span>
      </div>
      <Activity card={card} />
      <dl className="figures">
        <Fact name="tokens">{amount(tokens)}</Fact>
        <Fact name="own">{dollars(ownCost)}</Fact>
        <Fact name="delegated">{dollars(delegatedCost)}</Fact>
        <Fact name="p95">{p95Ms === undefined ? '–' : duration(p95Ms)}</Fact>
        <Fact name="errors" tone={errorRate ? 'bad' : undefined}>
          {errorRate === undefined ? '–' : percent(errorRate)}
        </Fact>
      </dl>
    </li>
  )
}

/** How much each state wants to be seen. */
export const stateTones = {
  looping: 'bad',
  silent: 'bad',
  failing: 'bad',
  degraded: 'warn',
  slow: 'warn',
  working: 'live',
  waiting: 'info',
  idle: 'quiet',
} as const

function Activity({ card: { doing, loop, silentSince, lastAt } }: { readonly card: AgentCard }) {
  const [first, ...others] = doing
  return (
    <div className="activity">
      {first === undefined ? (
        <p className="doing quiet">
          {lastAt === undefined ? (
            'nothing yet'
          ) : (
            <>
              last seen <Ago at={lastAt} />
            </>
          )}
        </p>
      ) : (
        <DoingLine doing={first} others={others.length} />
      )}
      {loop !== undefined && (
        <p className="trouble">
          {loop.step}, {loop.times} times since <Ago at={loop.since} />
        </p>
      )}
      {silentSince !== undefined && (
        <p className="trouble">
          not heard since <Ago at={silentSince} />
        </p>
      )}
    </div>
  )
}

function DoingLine({ doing: { step, isWait, traceId }, others }: { readonly doing: Doing; readonly others: number }) {
  return (
    <p className="doing">
      <a href={`#/runs?run=${traceId}&step=${step.span_id}`}>{isWait ? `waits for ${step.name}` : activity(step)}</a>
      {others > 0 && <span className="others">+{others}</span>}
      <span className="elapsed">
        <Elapsed since={step.started_at} />
      </span>
    </p>
  )
}

function activity({ kind, name }: Doing['step']): string {
  if (kind === 'agent') return 'at work'
  if (kind === 'model') return `asks ${name}`
  return kind === 'tool' ? `uses ${name}` : `${kind} ${name}`
}

function percent(ratio: number): string {
  return ratio > 0 && ratio < 0.01 ? '<1 %' : `${Math.round(ratio * 100)} %`
}
