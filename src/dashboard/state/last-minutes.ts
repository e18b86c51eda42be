/** Values of the last minutes: by minute since the epoch, then by key. */
export type LastMinutes<T> = ReadonlyMap<number, ReadonlyMap<string, T>>

/** Whole minutes that views look back, the one that runs included. */
export const minutesShown = 15

/** Minutes kept, for clocks that go apart, and keys told apart in one of them. */
const minutesKept = minutesShown + 5
const maxKeys = 2_000

export interface Entry<T> {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly key: string
  readonly value: T
  /** Where it is added when its minute has too many keys. */
  readonly overflow: Pick<Entry<T>, 'key' | 'value'>
}

export type Merge<T> = (one: T, other: T) => T

/** The window with these entries. Copies the minutes that change, once. */
export function withEntries<T>(before: LastMinutes<T>, entries: readonly Entry<T>[], merge: Merge<T>): LastMinutes<T> {
  if (entries.length === 0) return before
  const after = new Map(before)
  const drafts = new Map<number, Map<string, T>>()
  for (const entry of entries) {
    const minute = minuteOf(entry.at)
    const draft = drafts.get(minute) ?? new Map(before.get(minute))
    drafts.set(minute, draft)
    after.set(minute, draft)
    const { key, value } = draft.has(entry.key) || draft.size < maxKeys ? entry : entry.overflow
    const known = draft.get(key)
    draft.set(key, known === undefined ? value : merge(known, value))
  }
  const gone = [...after.keys()].sort((a, b) => b - a).slice(minutesKept)
  for (const minute of gone) after.delete(minute)
  return after
}

/** One value for each key of the minutes that are shown at this time. */
export function mergedMinutes<T>(window: LastMinutes<T>, currentMinute: number, merge: Merge<T>): T[] {
  const merged = new Map<string, T>()
  for (const minute of shownMinutes(currentMinute)) {
    for (const [key, value] of window.get(minute) ?? []) {
      const known = merged.get(key)
      merged.set(key, known === undefined ? value : merge(known, value))
    }
  }
  return [...merged.values()]
}

/** Oldest first. */
export function shownMinutes(currentMinute: number): number[] {
  return Array.from({ length: minutesShown }, (_, index) => currentMinute - minutesShown + 1 + index)
}

export function minuteOf(ms: number): number {
  return Math.floor(ms / 60_000)
}
