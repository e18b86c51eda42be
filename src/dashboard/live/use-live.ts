import { createContext, useContext, useSyncExternalStore } from 'react'
import type { PageState } from '../state/page-state.ts'
import type { Live } from './live.ts'

export const LiveContext = createContext<Live | undefined>(undefined)

/** The connection of the page, for what a view does: sign in, ask the gateway, load a run. */
export function useLive(): Live {
  const live = useContext(LiveContext)
  if (live === undefined) throw new Error('there is no LiveContext above')
  return live
}

/**
 * A part of the state, told anew when it is another object than before, once a frame at the most. `select` must not make a new object
 * each time: choose here, compute with `useMemo`.
 */
export function usePage<T>(select: (state: PageState) => T): T {
  const { store } = useLive()
  return useSyncExternalStore(store.subscribe, () => select(store.state))
}
