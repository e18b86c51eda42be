/**
 * Remembers the values of the keys that were set last: so many at least, and twice as many at the most. Two halves of which
 * the older is forgotten as a whole, since to find the oldest key of a Map takes the longer the more were deleted before it.
 */
export class RecentMap<V> {
  readonly #kept: number
  #recent = new Map<string, V>()
  #older = new Map<string, V>()

  constructor(kept: number) {
    this.#kept = kept
  }

  get(key: string): V | undefined {
    return this.#recent.get(key) ?? this.#older.get(key)
  }

  set(key: string, value: V): void {
    this.#recent.set(key, value)
    if (this.#recent.size < this.#kept) return
    this.#older = this.#recent
    this.#recent = new Map()
  }

  delete(key: string): void {
    if (!this.#recent.delete(key)) this.#older.delete(key)
  }
}
