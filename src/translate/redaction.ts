/** What captured content must not carry into the stream, whatever the prompt said. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}/g, '[key]'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, '[key]'],
  [/\bgh[pousr]_[A-Za-z0-9]{20,}/g, '[key]'],
  [/\bBearer\s+[A-Za-z0-9._~+/-]{16,}=*/gi, 'Bearer [token]'],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, '[token]'],
  [/\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}\b/g, '[email]'],
]

/** Longest text kept from one value, in characters. */
const maxText = 32_768
/** Deepest nesting kept; what lies below is replaced. */
const maxDepth = 12

export interface Redacted {
  readonly value: unknown
  /** Whether something was cut for its size. */
  readonly truncated: boolean
}

/** Removes keys, tokens and e-mail addresses from every string of a value, and bounds its size. Never throws. */
export function redact(value: unknown): Redacted {
  let truncated = false
  const visit = (item: unknown, depth: number): unknown => {
    if (typeof item === 'string') {
      if (item.length > maxText) truncated = true
      return secrets.reduce((text, [pattern, mark]) => text.replace(pattern, mark), item.slice(0, maxText))
    }
    if (typeof item === 'bigint') return Number(item)
    if (typeof item !== 'object' || item === null) return item
    if (depth >= maxDepth) {
      truncated = true
      return '[nested]'
    }
    if (Array.isArray(item)) return item.map((entry) => visit(entry, depth + 1))
    return Object.fromEntries(Object.entries(item).map(([key, entry]) => [key, visit(entry, depth + 1)]))
  }
  return { value: visit(value, 0), truncated }
}
