import { useEffect, useState } from 'react'
import { useLive } from '../live/use-live.ts'

/** Seconds over which the rate is taken. */
const windowSeconds = 5

/** "12 events/s", once a second. */
export function useRate(): string {
  const { store } = useLive()
  const [rate, setRate] = useState(0)
  useEffect(() => {
    const counts = [store.state.log.received]
    const timer = setInterval(() => {
      counts.push(store.state.log.received)
      if (counts.length > windowSeconds + 1) counts.shift()
      setRate(((counts.at(-1) ?? 0) - (counts[0] ?? 0)) / (counts.length - 1))
    }, 1_000)
    return () => clearInterval(timer)
  }, [store])
  return `${rate > 0 && rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString('en')} events/s`
}
