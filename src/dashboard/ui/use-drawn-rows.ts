import { useVirtualizer } from '@tanstack/react-virtual'
import type { VirtualItem } from '@tanstack/react-virtual'
import { useEffect } from 'react'
import type { RefObject } from 'react'
import { useMedia } from './use-media.ts'

interface Rows {
  /** What scrolls. */
  readonly box: RefObject<HTMLElement | null>
  readonly count: number
  /** Kept in sight when it becomes another one; -1 for none. */
  readonly chosen: number
  /** Default: the index. */
  readonly keyOf?: (index: number) => string | number
}

/** Rows drawn above and below what is seen. */
const overscan = 8

/** Those of a long list that are seen, with their places in pixels, and the height of each. */
export function useDrawnRows({ box, count, chosen, keyOf }: Rows): {
  readonly drawn: readonly VirtualItem[]
  readonly height: number
} {
  // Where a row has two lines: as in feed.css and step-tree.css.
  const height = useMedia('(width < 760px)') ? 46 : 28
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing of the virtualizer is kept between two renders
  const list = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan,
    ...(keyOf && { getItemKey: keyOf }),
  })
  useEffect(() => list.measure(), [list, height])
  useEffect(() => {
    if (chosen !== -1) list.scrollToIndex(chosen, { align: 'auto' })
  }, [list, chosen])
  return { drawn: list.getVirtualItems(), height }
}
