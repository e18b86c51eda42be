import { memo } from 'react'
import { dollars, duration } from '../../client/figures.ts'
import { gapSentence } from '../shell/connection-words.ts'
import type { EventRow, GapRow, Row } from '../state/event-log.ts'
import { AgentName } from '../ui/agent-name.tsx'
import { clockTime } from '../ui/clock-time.ts'

interface Props {
  readonly row: Row
  /** Pixels from the top of the list. */
  readonly top: number
  readonly place: number
  readonly of: number
  readonly isChosen: boolean
  readonly onChoose: (id: string) => void
}

export function FeedRow({ row, top, place, of, isChosen, onChoose }: Props) {
  const isEvent = row.kind === 'event'
  return (
    <div
      id={isEvent ? `event-${row.event.event_id}` : undefined}
      role="option"
      aria-selected={isChosen}
      aria-posinset={place + 1}
      aria-setsize={of}
      aria-disabled={!isEvent}
      className="feed-row"
      style={{ transform: `translateY(${top}px)` }}
      onClick={isEvent ? () => onChoose(row.event.event_id) : undefined}
    >
      {isEvent ? <EventCells row={row} /> : <GapCells row={row} />}
    </div>
  )
}

/** What is in a row never changes: while the list moves, only places do. */
const EventCells = memo(function EventCells({ row }: { readonly row: EventRow }) {
  const { event, agent, text, failed, latencyMs, cost } = row
  return (
    <div className="cells" data-failed={failed} data-start={event.event_type.endsWith('_started')}>
      <time dateTime={event.timestamp}>{clockTime(event.timestamp)}</time>
      {agent === '' ? <span className="agent-name">–</span> : <AgentName id={agent} />}
      <span className="sentence">{text}</span>
      <span className="number">{latencyMs === undefined ? '' : duration(latencyMs)}</span>
      <span className="number">{cost === undefined ? '' : dollars(cost)}</span>
    </div>
  )
})

const GapCells = memo(function GapCells({ row: { gap } }: { readonly row: GapRow }) {
  return <div className="cells gap">{gapSentence({ count: gap.missed ?? undefined, reason: gap.reason })}</div>
})
