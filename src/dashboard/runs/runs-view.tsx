import { useState } from 'react'
import { useRoute } from '../shell/use-route.ts'
import { RunList } from './run-list.tsx'
import { RunPage } from './run-page.tsx'

/** What agents were asked to do, and how it goes: all runs, or one. */
export function RunsView() {
  const { query } = useRoute()
  const run = query.get('run') ?? undefined
  const [last, setLast] = useState(run)
  if (run !== undefined && run !== last) setLast(run)
  return run === undefined ? <RunList last={last} /> : <RunPage key={run} traceId={run} />
}
