import { amount, dollars } from '../../client/figures.ts'
import type { RunStep } from '../../protocol/runs.ts'
import { AgentName } from '../ui/agent-name.tsx'
import { Bar } from './bar.tsx'
import { kindOf } from './run-words.ts'
import type { StepRow } from './step-rows.ts'
import { StepTime } from './step-time.tsx'
import type { Shown } from './use-shown.ts'
import { waitWords } from './waiting.ts'

interface Props {
  readonly row: StepRow
  /** Pixels from the top of the tree. */
  readonly top: number
  readonly shown: Shown
  readonly waits: readonly RunStep[] | undefined
  readonly isChosen: boolean
  readonly onOpen: (spanId: string) => void
  readonly onFold: (spanId: string) => void
}

/** Deepest indentation that is drawn; the level is told all the same. */
const maxIndent = 12

export function StepLine({ row, top, shown, waits, isChosen, onOpen, onFold }: Props) {
  const { step, depth, place, of, hasChildren, hidden } = row
  const { scale, goesOn, playback } = shown
  return (
    <div
      id={`step-${step.span_id}`}
      role="treeitem"
      aria-level={depth + 1}
      aria-posinset={place}
      aria-setsize={of}
      aria-selected={isChosen}
      aria-expanded={hasChildren ? hidden === 0 : undefined}
      className="run-cells run-line"
      data-status={step.status}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(step.span_id)}
    >
      <span className="run-step" style={{ paddingLeft: `${Math.min(depth, maxIndent) * 14}px` }}>
        <span
          className="run-fold"
          aria-hidden="true"
          data-open={hasChildren ? hidden === 0 : undefined}
          onClick={(event) => {
            if (!hasChildren) return
            event.stopPropagation()
            onFold(step.span_id)
          }}
        />
        <StepName step={step} />
        <StepNote row={row} waits={waits} />
      </span>
      <span className="run-track">
        <Bar step={step} scale={scale} goesOn={goesOn} at={playback.at} />
      </span>
      <span className="run-number">
        <StepTime step={step} goesOn={goesOn} at={playback.at} />
      </span>
      <span className="run-number run-tokens">{step.tokens === undefined ? '' : amount(step.tokens)}</span>
      <span className="run-number">{step.cost === undefined ? '' : dollars(step.cost)}</span>
    </div>
  )
}

export function StepName({ step }: { readonly step: RunStep }) {
  if (step.kind === 'agent') return <AgentName id={step.agent ?? step.name} role={step.name} />
  const kind = kindOf(step)
  return (
    <span className="run-step-name">
      {kind !== '' && <small>{kind}</small>} {step.name}
    </span>
  )
}

/** What stands out about a step: its failure, its end that never comes, whom it waits for, what is folded away below it. */
function StepNote({ row: { step, hidden, hiddenFailures }, waits }: Pick<Props, 'row' | 'waits'>) {
  return (
    <>
      {step.status === 'failed' && (
        <span className="run-note" data-tone="bad">{`failed: ${step.error_type ?? 'unknown error'}`}</span>
      )}
      {step.status === 'lost' && (
        <span className="run-note" data-tone="bad">
          never ended
        </span>
      )}
      {waits !== undefined && (
        <span className="run-note" data-tone="info">
          {waitWords(waits)}
        </span>
      )}
      {hidden > 0 && (
        <span className="run-note" data-tone={hiddenFailures > 0 ? 'bad' : undefined}>
          +{hidden}
          {hiddenFailures > 0 && `, ${hiddenFailures} failed`}
        </span>
      )}
    </>
  )
}
