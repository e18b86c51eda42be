/** US dollars as people read them: two digits that say something, and never more than the amount deserves. */
export function dollars(usd: number): string {
  if (usd === 0) return '$0'
  if (usd > 0 && usd < 0.0001) return '<$0.0001'
  return `$${usd < 0.0995 ? usd.toPrecision(2) : usd.toFixed(2)}`
}

/** Milliseconds as people read them: `12 ms`, `1.2 s`, `1 min 6 s`, `2 h 5 min`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** A whole number as people read it: `999`, `7.10K`, `12.3K`. Above 999 always three digits, so that a column can be compared. */
export function amount(count: number): string {
  return count < 1_000 ? `${count}` : compact.format(count)
}

const compact = new Intl.NumberFormat('en', {
  notation: 'compact',
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3,
})
