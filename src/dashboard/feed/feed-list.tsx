import { useRef } from 'react'
import { indexOfEvent, rowsHeld } from '../state/event-log.ts'
import type { Row } from '../state/event-log.ts'
import { useDrawnRows } from '../ui/use-drawn-rows.ts'
import { FeedRow } from './feed-row.tsx'
import type { Feed } from './use-feed.ts'

interface Props {
  readonly feed: Feed
  readonly chosen: string | undefined
  readonly onChoose: (id: string | undefined) => void
}

/** The rows, newest first. Only those that are seen are drawn; who scrolls away from the top stops the feed, so that nothing moves below the eye. */
export function FeedList({ feed, chosen, onChoose }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const { rows } = feed
  const at = indexOfEvent(rows, chosen)
  const index = at === -1 ? -1 : rows.length - 1 - at
  // Always as many: with each other number the list would measure all of them anew.
  const { drawn, height } = useDrawnRows({ box, count: Math.max(rowsHeld, rows.length), chosen: index })
  const onScroll = () => {
    const isAtTop = (box.current?.scrollTop ?? 0) < height / 2
    if (!isAtTop && feed.paused === undefined) feed.pause('by scrolling')
    if (isAtTop && feed.paused === 'by scrolling') feed.resume()
  }
  return (
    <div
      ref={box}
      className="feed-list"
      role="listbox"
      tabIndex={0}
      aria-label="Events, newest first"
      aria-activedescendant={index === -1 ? undefined : `event-${chosen}`}
      onScroll={onScroll}
    >
      <div className="feed-rows" role="presentation" style={{ height: rows.length * height }}>
        {drawn.map(({ index: place, start }) => {
          const row = rowAt(rows, place)
          return row === undefined ? null : (
            <FeedRow
              key={place}
              row={row}
              top={start}
              place={place}
              of={rows.length}
              isChosen={place === index}
              onChoose={onChoose}
            />
          )
        })}
      </div>
    </div>
  )
}

/** The newest is at the top, and at the end of the log. */
function rowAt(rows: readonly Row[], index: number): Row | undefined {
  return rows[rows.length - 1 - index]
}
