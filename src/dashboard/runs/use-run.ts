import { useEffect, useState } from 'react'
import type { LiveRun } from '../../client/live-runs.ts'
import { useLive, usePage } from '../live/use-live.ts'

/**
 * A run with all its steps: the gateway is asked for those from before. It is asked anew after each time it was not there, and when it
 * judges the run otherwise: which steps will never end is known to it alone.
 */
export function useRun(traceId: string): { readonly run: LiveRun | undefined; readonly isUnknown: boolean } {
  const live = useLive()
  const run = usePage((state) => state.runs.get(traceId))
  const isConnected = usePage(({ connection: { phase } }) => phase === 'live' || phase === 'lagging')
  const status = run?.summary?.status
  const [isUnknown, setUnknown] = useState(false)
  useEffect(() => {
    if (!isConnected) return
    let isOld = false
    void live.loadRun(traceId).then((isFound) => {
      if (!isOld) setUnknown(!isFound)
    })
    return () => {
      isOld = true
    }
  }, [live, traceId, isConnected, status])
  return { run, isUnknown }
}
