import { useSyncExternalStore } from 'react'

/** Where a row has two lines: as in feed.css and runs.css. */
const narrow = matchMedia('(width < 760px)')

/** Pixels. */
export function useRowHeight(): number {
  return useSyncExternalStore(subscribe, () => (narrow.matches ? 46 : 28))
}

function subscribe(listener: () => void): () => void {
  narrow.addEventListener('change', listener)
  return () => narrow.removeEventListener('change', listener)
}
