import { useEffect, useMemo, useReducer } from 'react'
import type { LiveRun } from '../../client/live-runs.ts'
import { useClock } from '../ui/clock.ts'
import { atTheEnd, move, stepsAt } from './playback.ts'
import type { Move, Playback } from './playback.ts'
import type { RunRow } from './run-rows.ts'
import type { Steps } from './step-rows.ts'
import { extentOf, openExtent } from './time-scale.ts'
import type { TimeScale } from './time-scale.ts'
import { useGoesOn } from './use-goes-on.ts'

/** A run at the moment that is shown: the present one, or one of the past that is played back. */
export interface Shown {
  readonly steps: Steps
  readonly scale: TimeScale
  readonly goesOn: boolean
  readonly playback: Playback
  readonly make: (move: Move) => void
}

export function useShown(run: LiveRun, row: RunRow): Shown {
  const goesOn = useGoesOn(row) && row.isOpen
  const scale = useScale(run, row, goesOn)
  const [chosen, make] = useReducer(
    (before: Playback | undefined, { scale: of, ...made }: Move & { readonly scale: TimeScale }) =>
      move(before ?? atTheEnd(of), of, made),
    undefined,
  )
  const isOver = !row.isOpen
  const playback = isOver && chosen !== undefined ? chosen : atTheEnd(scale)
  const { at, isPlaying } = playback
  useEffect(() => {
    if (!isPlaying) return
    let [before, frame] = [performance.now(), 0]
    const draw = (now: number) => {
      make({ type: 'passed', ms: Math.max(0, now - before), scale })
      before = now
      frame = requestAnimationFrame(draw)
    }
    frame = requestAnimationFrame(draw)
    return () => cancelAnimationFrame(frame)
  }, [isPlaying, scale])
  const steps = useMemo(() => (at === undefined ? run.steps : stepsAt(run.steps, at)), [run.steps, at])
  return { steps, scale, goesOn, playback, make: (made) => make({ ...made, scale }) }
}

/** An open run has a scale with room for what comes; that of one that is over, or not heard of, ends with the last that is known. */
function useScale({ steps }: LiveRun, { lastEventAt }: RunRow, goesOn: boolean): TimeScale {
  const known = useMemo(() => extentOf(steps.values()) ?? { from: 0, to: 1 }, [steps])
  const { from } = known
  const extent = useClock((now) => (goesOn ? openExtent(now - from) : 0))
  const to = goesOn ? from + extent : Math.max(known.to, Date.parse(lastEventAt))
  return useMemo(() => ({ from, to }), [from, to])
}
