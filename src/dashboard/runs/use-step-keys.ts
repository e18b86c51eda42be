import { useShortcut } from '../shell/shortcuts.ts'
import { setQuery } from '../shell/use-route.ts'
import type { StepTree } from './use-step-tree.ts'

/** The keys that move the cursor in a run's tree, fold and open. */
export function useStepKeys({ rows, cursor, go, fold, showFailure }: StepTree): void {
  const index = rows.findIndex(({ step }) => step.span_id === cursor)
  const row = rows[index]
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
}
