import { useMemo, useRef } from 'react'
import type { LiveRun } from '../../client/live-runs.ts'
import { useShortcut } from '../shell/shortcuts.ts'
import { navigate, setQuery, useRoute } from '../shell/use-route.ts'
import { formatRoute } from '../state/route.ts'
import { Loading } from '../ui/loading.tsx'
import { PlaybackBar } from './playback-bar.tsx'
import { RunHead } from './run-head.tsx'
import { RunNotes } from './run-notes.tsx'
import { runRow } from './run-rows.ts'
import { StepDetail } from './step-detail.tsx'
import { StepTree, TreeHead } from './step-tree.tsx'
import { useRun } from './use-run.ts'
import { useShown } from './use-shown.ts'
import { useStepKeys } from './use-step-keys.ts'
import { useStepTree } from './use-step-tree.ts'
import { waitsOf } from './waiting.ts'
import './run-page.css'

/** One run: its tree and waterfall while it grows, and again when it is over. */
export function RunPage({ traceId }: { readonly traceId: string }) {
  const { run, isUnknown } = useRun(traceId)
  if (run !== undefined && run.steps.size > 0) return <OneRun run={run} />
  if (!isUnknown) return <Loading what="Asking the gateway for the run" />
  return <UnknownRun traceId={traceId} />
}

function UnknownRun({ traceId }: { readonly traceId: string }) {
  useShortcut('Escape', 'Back to all runs', () => navigate('runs'))
  return (
    <section className="panel empty">
      <h1>This run is not known</h1>
      <p>
        The gateway keeps runs that are open, and others for 15 minutes after their end. It has none with the id{' '}
        <code>{traceId}</code> that this token may see.
      </p>
      <p>
        <a href="#/runs">All runs</a> · <a href={`#/feed?text=${traceId}`}>Its events in the feed</a>
      </p>
    </section>
  )
}

function OneRun({ run }: { readonly run: LiveRun }) {
  const { query } = useRoute()
  const opened = query.get('step') ?? undefined
  const show = query.get('show')
  const listQuery: Record<string, string> = show === null ? {} : { show }
  const row = runRow(run)
  const shown = useShown(run, row)
  const tree = useStepTree(shown, opened)
  const waits = useMemo(() => waitsOf(shown.steps), [shown.steps])
  const box = useRef<HTMLDivElement>(null)
  const close = () => {
    setQuery({ step: undefined })
    box.current?.focus()
  }
  useStepKeys(tree)
  useShortcut('Escape', 'Close the step, end the playback, go back to all runs', () => {
    if (opened !== undefined) close()
    else if (shown.playback.at !== undefined) shown.make({ type: 'seek', at: shown.scale.to })
    else navigate('runs', listQuery)
  })
  useShortcut('p', 'Play the run, or pause', () => {
    if (!row.isOpen) shown.make({ type: 'toggle' })
  })
  const back = formatRoute({ view: 'runs', query: new URLSearchParams(listQuery) })
  return (
    <div className="fills run" data-detail={opened !== undefined}>
      <RunHead run={run} row={row} shown={shown} back={back} />
      <RunNotes run={run} row={row} shown={shown} waits={waits} />
      <div className="run-steps">
        <TreeHead shown={shown} />
        <StepTree box={box} shown={shown} tree={tree} waits={waits} />
      </div>
      {opened !== undefined && (
        <StepDetail key={opened} traceId={run.traceId} spanId={opened} shown={shown} waits={waits} onClose={close} />
      )}
      {!row.isOpen && <PlaybackBar shown={shown} />}
    </div>
  )
}
