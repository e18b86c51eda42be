import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { rowsHeld } from '../state/event-log.ts'
import type { Row } from '../state/event-log.ts'
import { FeedRow } from './feed-row.tsx'
import { useRowHeight } from '../ui/use-row-height.ts'
import type { Feed } from './use-feed.ts'

interface Props {
  readonly feed: Feed
  readonly chosen: string | undefined
  readonly onChoose: (id: string | undefined) => void
}

/** Rows drawn above and below what is seen. */
const overscan = 6

/** The rows, newest first. Only those that are seen are drawn; who scrolls away from the top stops the feed, so that nothing moves below the eye. */
export function FeedList({ feed, chosen, onChoose }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const { rows } = feed.shown
  const height = useRowHeight()
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing of the virtualizer is kept between two renders
  const list = useVirtualizer({
    // Always as many: with each other number it would measure all of them anew.
    count: rowsHeld,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan,
  })
  useEffect(() => list.measure(), [list, height])
  const at =
    chosen === undefined ? -1 : rows.findLastIndex((row) => row.kind === 'event' && row.event.event_id === chosen)
  const index = at === -1 ? -1 : rows.length - 1 - at
  useEffect(() => {
    if (index !== -1) list.scrollToIndex(index, { align: 'auto' })
  }, [list, index])
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
        {list.getVirtualItems().map(({ index: place, start }) => {
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
      {rows.length === 0 && <p className="none">Nothing matches yet. What does is shown here as it happens.</p>}
    </div>
  )
}

/** The newest is at the top, and at the end of the log. */
function rowAt(rows: readonly Row[], index: number): Row | undefined {
  return rows[rows.length - 1 - index]
}
