import type { RunStep } from '../../protocol/runs.ts'

/** The stretch of time that the waterfall shows: milliseconds since the epoch. */
export interface TimeScale {
  readonly from: number
  readonly to: number
}

const [second, minute, hour] = [1_000, 60_000, 3_600_000]
/** Milliseconds between two marks, as people count time. */
const stepsOfTime: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 6, 12, 24, 48, 120, 240].map((count) => count * hour),
]
const maxMarks = 6
/** How much longer than the run the scale of an open run is at the least, so that its bars have where to grow. */
const room = 1.1

/** Milliseconds that the scale of an open run has: it changes seldom, in whole marks, and never gets shorter. */
export function openExtent(elapsedMs: number): number {
  const wanted = Math.max(second, elapsedMs * room)
  const step = markStep(wanted)
  return Math.ceil(wanted / step) * step
}

/** From the first start to the last thing that is known of the steps; undefined without steps. */
export function extentOf(steps: Iterable<RunStep>): TimeScale | undefined {
  let [first, last] = ['~', '']
  for (const { started_at: start, ended_at: end } of steps) {
    if (start < first) first = start
    if ((end ?? start) > last) last = end ?? start
  }
  return last === '' ? undefined : { from: Date.parse(first), to: Math.max(Date.parse(last), Date.parse(first) + 1) }
}

/** Where a time is on the scale: 0 at its beginning, 1 at its end, never beyond. */
export function shareOf({ from, to }: TimeScale, at: number): number {
  return Math.min(1, Math.max(0, (at - from) / (to - from)))
}

export interface Mark {
  readonly share: number
  readonly label: string
}

/** At most seven marks with the time since the beginning. */
export function marksOf({ from, to }: TimeScale): Mark[] {
  const step = markStep(to - from)
  const count = Math.floor((to - from) / step + 1e-9)
  return Array.from({ length: count + 1 }, (_, index) => ({
    share: (index * step) / (to - from),
    label: markLabel(index * step),
  }))
}

function markStep(lengthMs: number): number {
  const longest = stepsOfTime.at(-1) ?? hour
  return stepsOfTime.find((step) => lengthMs / step <= maxMarks) ?? Math.ceil(lengthMs / maxMarks / longest) * longest
}

/** `0`, `200 ms`, `15 s`, `1:30 min`, `2 h`. */
function markLabel(ms: number): string {
  if (ms === 0) return '0'
  if (ms < second) return `${ms} ms`
  if (ms < minute) return `${ms / second} s`
  if (ms < hour) return `${Math.floor(ms / minute)}${pad((ms % minute) / second)} min`
  return `${Math.floor(ms / hour)}${pad((ms % hour) / minute)} h`
}

function pad(rest: number): string {
  return rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`
}
