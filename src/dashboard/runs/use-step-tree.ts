import { useMemo, useState } from 'react'
import { setQuery } from '../shell/use-route.ts'
import { nextFailure } from './failures.ts'
import { ancestors, stepRows } from './step-rows.ts'
import type { StepRow } from './step-rows.ts'
import type { Shown } from './use-shown.ts'

/** The rows of a run's tree, and where the cursor is among them. */
export interface StepTree {
  readonly rows: readonly StepRow[]
  readonly cursor: string | undefined
  /** Puts the cursor there; the step whose details are shown goes with it. */
  readonly go: (spanId: string | undefined) => void
  /** Folds what is below a step, or unfolds it. */
  readonly fold: (spanId: string) => void
  /** Opens the next failure, or the one before, out of what is folded. */
  readonly showFailure: (by: 1 | -1) => void
}

/** `opened`: the step whose details are shown; then the cursor is there. */
export function useStepTree({ steps }: Pick<Shown, 'steps'>, opened: string | undefined): StepTree {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const [place, setPlace] = useState<string>()
  const rows = useMemo(() => stepRows(steps, folded), [steps, folded])
  const cursor = opened ?? place ?? rows[0]?.step.span_id
  const go = (spanId: string | undefined) => {
    if (spanId === undefined) return
    setPlace(spanId)
    if (opened !== undefined) setQuery({ step: spanId })
  }
  const fold = (spanId: string) => {
    setFolded(folded.has(spanId) ? without(folded, [spanId]) : new Set([...folded, spanId]))
    go(spanId)
  }
  const showFailure = (by: 1 | -1) => {
    const found = nextFailure(stepRows(steps), cursor, by)
    if (found === undefined) return
    setFolded(without(folded, ancestors(steps, found)))
    setPlace(found)
    setQuery({ step: found })
  }
  return { rows, cursor, go, fold, showFailure }
}

function without(folded: ReadonlySet<string>, ids: readonly string[]): ReadonlySet<string> {
  return new Set([...folded].filter((id) => !ids.includes(id)))
}
