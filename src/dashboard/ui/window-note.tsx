import { usePage } from '../live/use-live.ts'
import { minutesShown } from '../state/last-minutes.ts'
import { useClock } from './clock.ts'
import { clockTime } from './clock-time.ts'

/** The current minute of the gateway's clock. */
export function useMinute(): number {
  return useClock((now) => Math.floor(now / 60_000))
}

/** Which time the figures are of, and what is known to be missing in them. */
export function WindowNote({ what }: { readonly what: string }) {
  const since = usePage(({ totals }) => totals.since)
  const begin = (useMinute() - minutesShown + 1) * 60_000
  const isShort = since !== undefined && since > begin
  return (
    <p className="footnote">
      {what} since {clockTime(new Date(isShort ? since : begin).toISOString()).slice(0, 8)}
      {isShort ? ', as far back as the page could read when it was opened' : ` (the last ${minutesShown} minutes)`}.
    </p>
  )
}
