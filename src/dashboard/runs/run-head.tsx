import { amount, dollars, duration } from '../../client/figures.ts'
import type { LiveRun } from '../../client/live-runs.ts'
import { AgentName } from '../ui/agent-name.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Fact } from '../ui/fact.tsx'
import { RunBadge } from './run-badge.tsx'
import { figuresOf } from './run-rows.ts'
import type { RunRow } from './run-rows.ts'
import { RunTime } from './run-time.tsx'
import type { Shown } from './use-shown.ts'

interface Props {
  readonly run: LiveRun
  readonly row: RunRow
  readonly shown: Shown
  readonly back: string
}

/** Which run it is, how it is, and what it has used: at the moment that is shown. */
export function RunHead({ run, row, shown, back }: Props) {
  const { at } = shown.playback
  return (
    <header className="run-head">
      <div className="run-title">
        <a href={back}>Runs</a>
        <span aria-hidden="true">/</span>
        <h1>{row.name === '' ? row.traceId : row.name}</h1>
        {at === undefined ? (
          <RunBadge run={row} />
        ) : (
          <span className="badge" data-tone="info">
            as it was after {duration(at - shown.scale.from)}
          </span>
        )}
        <CopyButton label="Copy link" text={() => location.href} />
      </div>
      <Figures run={run} row={row} shown={shown} />
      {run.summary !== undefined && (
        <ul className="run-agents" aria-label="Agents">
          {run.summary.agents.map(({ id, role, own_cost: own, delegated_cost: delegated }) => (
            <li key={id}>
              <AgentName id={id} role={role} /> {at === undefined && dollars(own)}
              {at === undefined && delegated > 0 && ` + ${dollars(delegated)} delegated`}
            </li>
          ))}
        </ul>
      )}
    </header>
  )
}

function Figures({ run: { summary, steps: all }, row, shown }: Omit<Props, 'back'>) {
  const told = figuresOf(shown.steps.values())
  // The gateway counts also what it keeps no step of; the steps are known a second earlier.
  const isPresent = shown.playback.at === undefined
  const known = (name: 'steps' | 'failedSteps' | 'tokens' | 'cost') =>
    isPresent ? Math.max(told[name], row[name] + (name === 'steps' ? (summary?.steps_omitted ?? 0) : 0)) : told[name]
  return (
    <dl className="figures">
      {isPresent && (
        <Fact name="took">
          <RunTime run={row} />
        </Fact>
      )}
      <Fact name="steps">{isPresent ? amount(known('steps')) : `${told.steps} of ${all.size}`}</Fact>
      <Fact name="failed" tone={known('failedSteps') > 0 ? 'bad' : undefined}>
        {amount(known('failedSteps'))}
      </Fact>
      {isPresent && summary !== undefined && (
        <>
          <Fact name="model calls">{amount(summary.llm_calls)}</Fact>
          <Fact name="tool calls">{amount(summary.tool_calls)}</Fact>
        </>
      )}
      <Fact name="tokens">{amount(known('tokens'))}</Fact>
      <Fact name="cost">{`${isPresent && row.unpriced > 0 ? '≥ ' : ''}${dollars(known('cost'))}`}</Fact>
    </dl>
  )
}
