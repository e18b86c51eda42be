import { useState } from 'react'
import { useShortcut } from '../shell/shortcuts.ts'
import { setQuery } from '../shell/use-route.ts'
import { nextFailure } from './failures.ts'
import { ancestors, stepRows } from './step-rows.ts'
import type { StepRow } from './step-rows.ts'
import type { Shown } from './use-shown.ts'

interface Tree {
  readonly shown: Shown
  readonly rows: readonly StepRow[]
  /** The step whose details are shown: then the cursor is there. */
  readonly opened: string | undefined
  readonly folded: ReadonlySet<string>
  readonly setFolded: (folded: ReadonlySet<string>) => void
}

/** Where the cursor is in the tree, and the keys that move it, fold and open. */
export function useStepKeys({ shown, rows, opened, folded, setFolded }: Tree) {
  const [place, setPlace] = useState<string>()
  const cursor = opened ?? place ?? rows[0]?.step.span_id
  const index = rows.findIndex(({ step }) => step.span_id === cursor)
  const row = rows[index]
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
    const found = nextFailure(stepRows(shown.steps), cursor, by)
    if (found === undefined) return
    setFolded(without(folded, ancestors(shown.steps, found)))
    setPlace(found)
    setQuery({ step: found })
  }
  const below = () => go(rows[index + 1]?.step.span_id)
  const above = () => go(rows[index - 1]?.step.span_id)
  const isFolded = row !== undefined && row.hidden > 0
  useShortcut('j', 'Next step below', below)
  useShortcut('k', 'Next step above', above)
  useShortcut('ArrowDown', 'Next step below', below)
  useShortcut('ArrowUp', 'Next step above', above)
  useShortcut('ArrowLeft', 'Fold the step, or go to the one it belongs to', () => {
    if (row?.hasChildren && !isFolded) fold(row.step.span_id)
    else go(row?.step.parent ?? undefined)
  })
  useShortcut('ArrowRight', 'Unfold the step, or go to the first below it', () => {
    if (isFolded) fold(row.step.span_id)
    else if (row?.hasChildren) below()
  })
  useShortcut('Enter', 'Open the step', () => {
    if (cursor !== undefined) setQuery({ step: cursor })
  })
  useShortcut('f', 'Next failure', () => showFailure(1))
  useShortcut('F', 'Previous failure', () => showFailure(-1))
  return { cursor, fold }
}

function without(folded: ReadonlySet<string>, ids: readonly string[]): ReadonlySet<string> {
  return new Set([...folded].filter((id) => !ids.includes(id)))
}
