import { useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import './chart.css'

export interface Point {
  /** Seconds since the epoch. */
  readonly at: number
  /** Undefined where it is not known. */
  readonly value: number | undefined
}

/** Pixels. */
const height = 120
const leftAxis = 64
/** Seconds that may lie between two times on the axis. */
const minutes = [60, 120, 300, 600]

/** Bars over time. Who cannot see them has `summary`; the value under the pointer is said above them. */
export function Chart({
  name,
  summary,
  points,
  format,
}: {
  readonly name: string
  readonly summary: string
  readonly points: readonly Point[]
  readonly format: (value: number) => string
}) {
  const frame = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const [pointed, setPointed] = useState<number>()
  const told = pointed === undefined ? undefined : points[pointed]
  useEffect(() => {
    if (frame.current === null) return
    plot.current = barChart(frame.current, format, setPointed)
    return keepFitting(plot.current, frame.current)
  }, [format])
  useEffect(() => {
    plot.current?.setData([points.map(({ at }) => at), points.map(({ value }) => value ?? null)])
  }, [points, format])
  return (
    <figure className="chart">
      <figcaption>
        <span>{name}</span>
        <span className="chart-told">
          {told?.value === undefined
            ? summary
            : `${new Date(told.at * 1_000).toTimeString().slice(0, 8)}: ${format(told.value)}`}
        </span>
      </figcaption>
      <div ref={frame} role="img" aria-label={`${name}: ${summary}`} />
    </figure>
  )
}

function barChart(frame: HTMLElement, format: (value: number) => string, onPoint: (index?: number) => void): uPlot {
  const colour = (name: string) => () => {
    frame.style.color = `var(${name})`
    return getComputedStyle(frame).color
  }
  const bars = uPlot.paths.bars?.({ size: [0.8, 40] })
  const axis = { stroke: colour('--text-2'), font: '11px system-ui', ticks: { show: false } }
  const grid = { stroke: colour('--border'), width: 1 }
  return new uPlot(
    {
      width: frame.clientWidth || 1,
      height,
      legend: { show: false },
      cursor: { y: false, drag: { setScale: false }, points: { show: false } },
      padding: [8, 16, 0, 0],
      // Half a bar more at both ends.
      scales: {
        x: { range: ({ data: [times] }, first, last) => widened(times, first, last) },
        y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 24,
          space: 60,
          incrs: minutes,
          values: (_plot, times) => times.map(hourAndMinute),
        },
        { ...axis, grid, size: leftAxis, space: 32, values: (_plot, values) => values.map(format) },
      ],
      series: [{}, { fill: colour('--accent'), ...(bars && { paths: bars }), points: { show: false } }],
      hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)] },
    },
    [[], []],
    frame,
  )
}

function widened(times: ArrayLike<number>, first: number, last: number): [number, number] {
  const half = ((times[1] ?? 0) - (times[0] ?? 0)) / 2
  return [first - half, last + half]
}

function hourAndMinute(seconds: number): string {
  return new Date(seconds * 1_000).toTimeString().slice(0, 5)
}

/** Follows the width, and the colours that somebody chooses. Gives the way to end it. */
function keepFitting(plot: uPlot, frame: HTMLElement): () => void {
  const sizes = new ResizeObserver(() => plot.setSize({ width: frame.clientWidth, height }))
  sizes.observe(frame)
  const redraw = () => plot.redraw()
  const themes = new MutationObserver(redraw)
  themes.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  const system = matchMedia('(prefers-color-scheme: dark)')
  system.addEventListener('change', redraw)
  return () => {
    sizes.disconnect()
    themes.disconnect()
    system.removeEventListener('change', redraw)
    plot.destroy()
  }
}
