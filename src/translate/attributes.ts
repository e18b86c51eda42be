import type { Attributes } from './span-record.ts'

/** The first of these keys that holds a non-blank string. One key is the rule, and takes no list. */
export function text(attributes: Attributes, key: string, ...others: readonly string[]): string | undefined {
  let found = word(attributes[key])
  for (const other of others) found ??= word(attributes[other])
  return found
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

/** The first of these keys that holds a finite number; numbers written as text count, as some emitters send them. */
export function number(attributes: Attributes, ...keys: readonly string[]): number | undefined {
  for (const key of keys) {
    const value = attributes[key]
    if (typeof value === 'bigint') return Number(value)
    const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    if (typeof parsed === 'number' && Number.isFinite(parsed)) return parsed
  }
  return undefined
}

/** A count: as {@link number}, but a negative or fractional value is no fact. */
export function count(attributes: Attributes, ...keys: readonly string[]): number | undefined {
  const value = number(attributes, ...keys)
  return value !== undefined && Number.isInteger(value) && value >= 0 ? value : undefined
}

export function flag(attributes: Attributes, ...keys: readonly string[]): boolean | undefined {
  for (const key of keys) {
    const value = attributes[key]
    if (typeof value === 'boolean') return value
    if (value === 'true') return true
    if (value === 'false') return false
  }
  return undefined
}

/** A list of strings: an array, a JSON array in a string (Mastra), or one string with commas (Semantic Kernel). */
export function texts(attributes: Attributes, ...keys: readonly string[]): string[] | undefined {
  for (const key of keys) {
    const value = structured(attributes, key)
    if (Array.isArray(value)) return value.filter((item) => typeof item === 'string')
    if (typeof value === 'string' && value !== '') return value.split(',').map((item) => item.trim())
  }
  return undefined
}

/** Characters of JSON that is parsed: a larger text would hold the agent up, and is cut anyway. */
const maxParsed = 262_144

/** A value that may be structured or a JSON string of one; text that is no JSON stays text. */
export function structured(attributes: Attributes, ...keys: readonly string[]): unknown {
  for (const key of keys) {
    const value = attributes[key]
    if (value === undefined || value === null) continue
    if (typeof value !== 'string' || value.length > maxParsed || !/^\s*[[{]/.test(value)) return value
    try {
      return JSON.parse(value)
    } catch {
      return value
    }
  }
  return undefined
}

/** The object without the keys whose value is undefined: an unknown fact is left out, never written as null or 0. */
export function known<T extends Record<string, unknown>>(facts: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const result: Record<string, unknown> = {}
  // for…in takes several times as long on objects of ever other shapes.
  for (const key of Object.keys(facts)) if (facts[key] !== undefined) result[key] = facts[key]
  return result as { [K in keyof T]?: Exclude<T[K], undefined> }
}
