import type { RefObject } from 'react'
import type { RunStep } from '../../protocol/runs.ts'
import { setQuery } from '../shell/use-route.ts'
import { useDrawnRows } from '../ui/use-drawn-rows.ts'
import { StepLine } from './step-line.tsx'
import { marksOf, shareOf } from './time-scale.ts'
import type { Shown } from './use-shown.ts'
import type { StepTree as Tree } from './use-step-tree.ts'
import './step-tree.css'

interface Props {
  readonly box: RefObject<HTMLDivElement | null>
  readonly shown: Shown
  readonly tree: Tree
  readonly waits: ReadonlyMap<string, readonly RunStep[]>
}

/** The steps as a tree, each with its bar on the time scale. Only the rows that are seen are drawn. */
export function StepTree({ box, shown, tree: { rows, cursor, fold }, waits }: Props) {
  const index = cursor === undefined ? -1 : rows.findIndex(({ step }) => step.span_id === cursor)
  const { drawn, height } = useDrawnRows({
    box,
    count: rows.length,
    chosen: index,
    keyOf: (place) => rows[place]?.step.span_id ?? place,
  })
  return (
    <div
      ref={box}
      className="run-tree"
      role="tree"
      tabIndex={0}
      aria-label="Steps"
      aria-activedescendant={index === -1 ? undefined : `step-${cursor}`}
    >
      <div className="run-rows" role="presentation" style={{ height: rows.length * height }}>
        <TimeMarks shown={shown} />
        {drawn.map(({ key, index: place, start }) => {
          const row = rows[place]
          return row === undefined ? null : (
            <StepLine
              key={key}
              row={row}
              top={start}
              shown={shown}
              waits={waits.get(row.step.span_id)}
              isChosen={place === index}
              onOpen={(spanId) => setQuery({ step: spanId })}
              onFold={fold}
            />
          )
        })}
      </div>
    </div>
  )
}

/** The names of the columns, and the time above the bars. */
export function TreeHead({ shown }: { readonly shown: Shown }) {
  return (
    <div className="run-cells run-tree-head" aria-hidden="true">
      <span>Step</span>
      <span className="run-marks">
        {marksOf(shown.scale).map(({ share, label }) => (
          <span key={label} style={{ left: `${share * 100}%` }} data-last={share > 0.94}>
            {label}
          </span>
        ))}
      </span>
      <span className="run-number">Took</span>
      <span className="run-number">Tokens</span>
      <span className="run-number">Cost</span>
    </div>
  )
}

/** Lines behind the bars, and one where the playback is. */
function TimeMarks({ shown: { scale, playback } }: { readonly shown: Shown }) {
  return (
    <div className="run-cells run-lines" aria-hidden="true">
      <span />
      <span className="run-track">
        {marksOf(scale).map(({ share, label }) => (
          <i key={label} style={{ left: `${share * 100}%` }} />
        ))}
        {playback.at !== undefined && (
          <i className="run-playhead" style={{ left: `${shareOf(scale, playback.at) * 100}%` }} />
        )}
      </span>
    </div>
  )
}
