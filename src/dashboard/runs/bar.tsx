import { useLayoutEffect, useRef } from 'react'
import type { RunStep } from '../../protocol/runs.ts'
import { usePage } from '../live/use-live.ts'
import { useClock } from '../ui/clock.ts'
import { hueOf } from '../ui/hue-of.ts'
import { shareOf } from './time-scale.ts'
import type { TimeScale } from './time-scale.ts'

interface Props {
  readonly step: RunStep
  readonly scale: TimeScale
  /** Whether the run goes on: what is open grows by itself. */
  readonly goesOn: boolean
  /** The moment that is shown, if it is not the present. */
  readonly at: number | undefined
}

/** A step on the time scale. */
export function Bar({ step, scale, goesOn, at }: Props) {
  const from = Date.parse(step.started_at)
  const isOpen = step.status === 'open'
  const look = {
    className: 'run-bar',
    'data-kind': step.kind,
    'data-status': isOpen && !goesOn && at === undefined ? 'lost' : step.status,
    'data-hue': step.agent === null ? undefined : hueOf(step.agent),
  }
  if (isOpen && goesOn && at === undefined) return <GrowingBar look={look} from={from} scale={scale} />
  const to = step.ended_at === null ? (at ?? scale.to) : Date.parse(step.ended_at)
  return <span {...look} style={place(scale, from, to)} />
}

interface GrowingProps {
  readonly look: React.ComponentProps<'span'>
  readonly from: number
  readonly scale: TimeScale
}

/**
 * Grows to the end of the scale in the time that this takes: the compositor draws it, frame by frame, and nothing of the page is laid
 * out meanwhile. Who wants less motion sees it once a second.
 */
function GrowingBar({ look, from, scale }: GrowingProps) {
  const bar = useRef<HTMLSpanElement>(null)
  const length = Math.max(1, scale.to - from)
  const seconds = useClock((now) => Math.max(0, Math.floor((now - from) / 1_000)))
  const ahead = usePage(({ connection }) => connection.clockAheadMs)
  useLayoutEffect(() => {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
    const elapsed = Math.min(length, Math.max(0, Date.now() + ahead - from))
    const growth = bar.current?.animate(
      { transform: [`scaleX(${elapsed / length})`, 'scaleX(1)'] },
      { duration: length - elapsed, fill: 'forwards' },
    )
    return () => growth?.cancel()
  }, [ahead, from, length])
  return (
    <span
      ref={bar}
      {...look}
      style={{ ...place(scale, from, scale.to), transform: `scaleX(${Math.min(1, (seconds * 1_000) / length)})` }}
    />
  )
}

function place(scale: TimeScale, from: number, to: number) {
  const left = shareOf(scale, from)
  return { left: `${left * 100}%`, width: `${Math.max(0, shareOf(scale, to) - left) * 100}%` }
}
