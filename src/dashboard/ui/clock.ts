import { useSyncExternalStore } from 'react'
import { usePage } from '../live/use-live.ts'

/** Milliseconds between two looks at the clock. */
const tickMs = 100

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => listeners.forEach((tell) => tell()), tickMs)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/**
 * Something that time alone changes, such as "12.3 s". `read` gets the gateway's time in milliseconds; the component is drawn anew when
 * its answer is another one, so that a hundred clocks on the page cost what changes of them.
 */
export function useClock<T extends string | number | boolean>(read: (now: number) => T): T {
  const ahead = usePage(({ connection }) => connection.clockAheadMs)
  return useSyncExternalStore(subscribe, () => read(Date.now() + ahead))
}
