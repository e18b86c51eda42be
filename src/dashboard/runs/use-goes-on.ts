import { useClock } from '../ui/clock.ts'
import type { RunRow } from './run-rows.ts'

/** Milliseconds in which the gateway judges a run that just began. */
const judgedMs = 5_000

/** Whether the run is known to go on: as the gateway says, or because something was just heard of a run that it has not judged yet. */
export function useGoesOn({ status, lastEventAt }: RunRow): boolean {
  const heard = Date.parse(lastEventAt)
  return useClock((now) => (status === undefined ? now - heard < judgedMs : status === 'running' || status === 'quiet'))
}
