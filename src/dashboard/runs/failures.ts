import type { StepRow } from './step-rows.ts'

/** The next failed step after a row of the unfolded tree, or before it; from the other end where there is none. */
export function nextFailure(rows: readonly StepRow[], from: string | undefined, by: 1 | -1): string | undefined {
  const failed = rows.flatMap(({ step }, index) => (step.status === 'failed' ? [{ id: step.span_id, index }] : []))
  const at = rows.findIndex(({ step }) => step.span_id === from)
  const found =
    by === 1
      ? (failed.find(({ index }) => index > at) ?? failed[0])
      : (failed.findLast(({ index }) => at !== -1 && index < at) ?? failed.at(-1))
  return found?.id
}
