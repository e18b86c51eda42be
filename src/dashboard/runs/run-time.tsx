import { duration } from '../../client/figures.ts'
import { Elapsed } from '../ui/elapsed.tsx'
import type { RunRow } from './run-rows.ts'
import { useGoesOn } from './use-goes-on.ts'

/** How long a run takes or took. It ticks only while somebody knows that the run goes on. */
export function RunTime({ run }: { readonly run: RunRow }) {
  const { startedAt, endedAt, lastEventAt } = run
  const goesOn = useGoesOn(run)
  if (endedAt === null && goesOn) return <Elapsed since={startedAt} />
  return <>{duration(Date.parse(endedAt ?? lastEventAt) - Date.parse(startedAt))}</>
}
