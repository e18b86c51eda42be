import { toTimestamp } from '../../events/timestamp.ts'
import type { RunStep } from '../../protocol/runs.ts'
import type { Steps } from './step-rows.ts'
import type { TimeScale } from './time-scale.ts'

/** Where the playback of a run is. */
export interface Playback {
  /** The moment that is shown, milliseconds since the epoch; undefined: all of the run. */
  readonly at: number | undefined
  readonly isPlaying: boolean
  /** How many times faster than it was. */
  readonly speed: number
}

export type Move =
  | { readonly type: 'toggle' }
  | { readonly type: 'seek'; readonly at: number }
  | { readonly type: 'speed'; readonly speed: number }
  /** So many milliseconds have passed for the one who looks. */
  | { readonly type: 'passed'; readonly ms: number }

export const speeds: readonly number[] = [0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 500]

/** Milliseconds that a playback takes at the most, unless another speed is chosen. */
const longestMs = 20_000

/** All of the run, at a speed at which nobody waits long. */
export function atTheEnd({ from, to }: TimeScale): Playback {
  const speed = speeds.find((times) => times >= 1 && (to - from) / times <= longestMs)
  return { at: undefined, isPlaying: false, speed: speed ?? speeds.at(-1) ?? 1 }
}

/** The playback after a move, in a run of this time. Pure. */
export function move(playback: Playback, { from, to }: TimeScale, made: Move): Playback {
  const { at, isPlaying, speed } = playback
  switch (made.type) {
    case 'toggle':
      return { ...playback, isPlaying: !isPlaying, at: isPlaying ? at : (at ?? from) }
    case 'seek':
      return made.at >= to
        ? { ...playback, at: undefined, isPlaying: false }
        : { ...playback, at: Math.max(from, made.at) }
    case 'speed':
      return { ...playback, speed: made.speed }
    case 'passed': {
      if (!isPlaying) return playback
      const next = (at ?? from) + made.ms * speed
      return next >= to ? { ...playback, at: undefined, isPlaying: false } : { ...playback, at: next }
    }
  }
}

/** The steps as they were at a moment: those that had begun; what ended later, or never, is open and has used nothing yet. */
export function stepsAt(steps: Steps, at: number): Map<string, RunStep> {
  const moment = toTimestamp(at)
  const then = new Map<string, RunStep>()
  for (const [id, step] of steps) {
    if (step.started_at > moment) continue
    then.set(id, step.ended_at !== null && step.ended_at <= moment ? step : opened(step))
  }
  return then
}

function opened({ error_type: _, tokens: __, cost: ___, ...step }: RunStep): RunStep {
  return { ...step, status: 'open', ended_at: null }
}
