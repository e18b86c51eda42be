import { duration } from '../../client/figures.ts'
import type { RunStep } from '../../protocol/runs.ts'
import { Elapsed } from '../ui/elapsed.tsx'

interface Props {
  readonly step: RunStep
  readonly goesOn: boolean
  /** The moment that is shown, if it is not the present. */
  readonly at: number | undefined
}

/** How long a step took, or takes already; nothing where nobody knows. */
export function StepTime({ step: { status, started_at: start, ended_at: end }, goesOn, at }: Props) {
  if (status === 'open' && at === undefined) return goesOn ? <Elapsed since={start} /> : <>–</>
  const until = status === 'open' ? at : end === null ? undefined : Date.parse(end)
  return <>{until === undefined ? '–' : duration(Math.max(0, until - Date.parse(start)))}</>
}
