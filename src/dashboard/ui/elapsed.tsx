import { duration } from '../../client/figures.ts'
import { useClock } from './clock.ts'

/** How long something takes already, ticking from its true start. `since` is ISO 8601. */
export function Elapsed({ since }: { readonly since: string }) {
  const from = Date.parse(since)
  const text = useClock((now) => elapsed(now - from))
  return <time dateTime={since}>{text}</time>
}

/** How long ago something was, in whole seconds. */
export function Ago({ at }: { readonly at: string | number }) {
  const from = typeof at === 'string' ? Date.parse(at) : at
  const text = useClock((now) => ago(now - from))
  return <time dateTime={new Date(from).toISOString()}>{text}</time>
}

/** In tenths of seconds, which is as often as it changes, then in seconds; nothing is said before it is over. */
function elapsed(ms: number): string {
  if (ms >= 60_000) return duration(Math.floor(ms / 1_000) * 1_000)
  return `${(Math.max(0, Math.floor(ms / 100)) / 10).toFixed(1)} s`
}

function ago(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 1) return 'now'
  if (seconds < 120) return `${seconds} s ago`
  const minutes = Math.floor(seconds / 60)
  return minutes < 120 ? `${minutes} min ago` : `${Math.floor(minutes / 60)} h ago`
}
