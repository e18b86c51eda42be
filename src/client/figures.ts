/** US dollars as people read them: two digits that say something, and never more than the amount deserves. */
export function dollars(usd: number): string {
  if (usd === 0) return '$0'
  if (usd > 0 && usd < 0.0001) return '<$0.0001'
  return `$${usd < 0.01 ? usd.toPrecision(2) : usd.toFixed(2)}`
}

/** Milliseconds as people read them. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 100_000) return `${(ms / 1_000).toFixed(1)} s`
  const minutes = Math.floor(ms / 60_000)
  return minutes < 100
    ? `${minutes} min ${Math.floor(ms / 1_000) % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** 12345 → `12.3k`: three digits that say something. */
export function amount(count: number): string {
  return compact.format(count)
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })
