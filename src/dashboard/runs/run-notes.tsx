import type { LiveRun } from '../../client/live-runs.ts'
import type { RunStep } from '../../protocol/runs.ts'
import type { RunRow } from './run-rows.ts'
import { loopWords, statusWords } from './run-words.ts'
import { StepTime } from './step-time.tsx'
import type { Shown } from './use-shown.ts'

interface Props {
  readonly run: LiveRun
  readonly row: RunRow
  readonly shown: Shown
  readonly waits: ReadonlyMap<string, readonly RunStep[]>
}

/** Waits told in words; the others stand on their rows. */
const maxTold = 3

/** What one has to know of a run: what goes wrong, and who waits for whom. The line is always there, so that nothing moves below it. */
export function RunNotes({ run, row, shown, waits }: Props) {
  const { at } = shown.playback
  const troubles = at === undefined ? troublesOf(run, row) : []
  const told = [...waits].flatMap(([id, others]) => others.map((step) => ({ waiting: shown.steps.get(id), step })))
  return (
    <ul className="run-notes" aria-label="What to know">
      {troubles.map((text) => (
        <li key={text} data-tone="bad">
          {text}
        </li>
      ))}
      {told.slice(0, maxTold).map(({ waiting, step }) => (
        <li key={step.span_id}>
          {waiting?.name} waits for {step.name} <StepTime step={step} goesOn={shown.goesOn} at={at} />
        </li>
      ))}
      {told.length > maxTold && <li>{told.length - maxTold} more wait</li>}
      {told.length === 0 && troubles.length === 0 && <li>{quietWords(row, at)}</li>}
    </ul>
  )
}

function troublesOf({ summary }: LiveRun, { loops, status }: RunRow): string[] {
  const omitted = summary?.steps_omitted ?? 0
  return [
    ...(status === undefined || statusWords[status] === undefined ? [] : [statusWords[status]]),
    ...loops.map((loop) => `${loop.agent ?? 'Somebody'} repeats ${loopWords(loop)}`),
    ...(omitted > 0 ? [`${omitted.toLocaleString('en')} steps are counted and not shown: a run shows 2,000.`] : []),
    ...(summary?.partial ? ['Its beginning is older than what the gateway could read.'] : []),
  ]
}

function quietWords({ isOpen, status }: RunRow, at: number | undefined): string {
  if (at !== undefined || isOpen) return 'Nobody waits.'
  return status === undefined
    ? 'The gateway no longer keeps this run: these are its steps as far as they were told.'
    : `The run is over: ${status}.`
}
