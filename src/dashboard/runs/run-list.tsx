import { memo, useEffect, useMemo, useRef } from 'react'
import type { ReactNode } from 'react'
import { amount, dollars } from '../../client/figures.ts'
import { usePage } from '../live/use-live.ts'
import { useShortcut } from '../shell/shortcuts.ts'
import { setQuery, useRoute } from '../shell/use-route.ts'
import { formatRoute } from '../state/route.ts'
import { Ago } from '../ui/elapsed.tsx'
import { NothingYet } from '../ui/nothing-yet.tsx'
import { RunBadge } from './run-badge.tsx'
import { isShown, runRows, shows } from './run-rows.ts'
import type { RunRow, Show } from './run-rows.ts'
import { RunTime } from './run-time.tsx'
import { loopWords, waitsInWords } from './run-words.ts'
import './run-list.css'

/** All runs that the page knows: those that are not over, then the others. `last` is the one somebody comes back from. */
export function RunList({ last }: { readonly last: string | undefined }) {
  const runs = usePage((state) => state.runs)
  const rows = useMemo(() => runRows(runs), [runs])
  const asked = useRoute().query.get('show')
  const show = shows.find((name) => name === asked) ?? 'all'
  const shown = useMemo(() => rows.filter((row) => isShown(row, show)), [rows, show])
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => list.current?.querySelector<HTMLElement>(`[data-run="${last}"]`)?.focus(), [last])
  useShortcut('j', 'Next run below', () => step(list.current, 1))
  useShortcut('k', 'Next run above', () => step(list.current, -1))
  useShortcut('f', 'Next run with a failure', () => step(list.current, 1, '[data-failed="true"]'))
  useShortcut('F', 'Previous run with a failure', () => step(list.current, -1, '[data-failed="true"]'))
  if (rows.length === 0) return <NothingYet />
  return (
    <div className="fills runs">
      <h1 className="unseen">Runs</h1>
      <div className="runs-bar" role="group" aria-label="Which runs">
        {shows.map((name) => (
          <button key={name} type="button" aria-pressed={name === show} onClick={() => setQuery({ show: name })}>
            {labels[name]} {rows.filter((row) => isShown(row, name)).length}
          </button>
        ))}
      </div>
      <div className="runs-head runs-cells" aria-hidden="true">
        {['Status', 'Run', 'Started', 'Took', 'Steps', 'Failed', 'Tokens', 'Cost'].map((name) => (
          <span key={name}>{name}</span>
        ))}
      </div>
      <ul ref={list} className="runs-list" aria-label="Runs">
        {shown.map((row) => (
          <Line key={row.traceId} run={row} show={show} />
        ))}
      </ul>
      {shown.length === 0 && <p className="none">{none[show]}</p>}
    </div>
  )
}

const labels = { all: 'All', open: 'Open', failed: 'With failures' } as const
const none = { all: '', open: 'Nobody is at work.', failed: 'Nothing has failed.' } as const

const Line = memo(function Line({ run, show }: { readonly run: RunRow; readonly show: Show }) {
  const { traceId, name, startedAt, steps, failedSteps, tokens, cost, unpriced } = run
  const query = new URLSearchParams({ ...(show !== 'all' && { show }), run: traceId })
  return (
    <li>
      <a
        className="runs-row runs-cells"
        href={formatRoute({ view: 'runs', query })}
        data-run={traceId}
        data-failed={isShown(run, 'failed')}
      >
        <span>
          <RunBadge run={run} />
        </span>
        <span className="runs-name">
          <b>{name === '' ? traceId : name}</b>
          <Note run={run} />
        </span>
        <span className="runs-number">
          <Ago at={startedAt} />
        </span>
        <span className="runs-number">
          <RunTime run={run} />
        </span>
        <Counted unit="steps">{amount(steps)}</Counted>
        <Counted unit="failed" tone={failedSteps > 0 ? 'bad' : 'quiet'}>
          {failedSteps}
        </Counted>
        <Counted unit="tokens">{amount(tokens)}</Counted>
        <span className="runs-number">
          {unpriced > 0 && <abbr title="at least: some calls have no known price">≥ </abbr>}
          {dollars(cost)}
        </span>
      </a>
    </li>
  )
})

interface CountedProps {
  /** Seen where the table has no head. */
  readonly unit: string
  readonly tone?: 'bad' | 'quiet'
  readonly children: ReactNode
}

function Counted({ unit, tone, children }: CountedProps) {
  return (
    <span className="runs-number" data-tone={tone}>
      {children}
      <small> {unit}</small>
    </span>
  )
}

/** What one should know of a run before opening it. */
function Note({ run }: { readonly run: RunRow }) {
  const [loop] = run.loops
  if (loop !== undefined) return <span data-tone="bad">repeats {loopWords(loop)}</span>
  const waits = waitsInWords(run)
  return <span>{waits === '' ? run.agents.map(({ role }) => role).join(', ') : waits}</span>
}

/** Moves the focus: what is focused opens with Enter, as every link. */
function step(list: HTMLElement | null, by: 1 | -1, which = ''): void {
  const links = [...(list?.querySelectorAll<HTMLElement>(`a${which}`) ?? [])]
  const all = [...(list?.querySelectorAll<HTMLElement>('a') ?? [])]
  const at = all.indexOf(document.activeElement as HTMLElement)
  const next =
    by === 1 ? links.find((link) => all.indexOf(link) > at) : links.findLast((link) => all.indexOf(link) < at)
  next?.focus()
}
