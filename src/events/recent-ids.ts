/** Remembers the last so many ids. */
export class RecentIds {
  readonly #bound: number
  readonly #ids = new Set<string>()

  constructor(bound: number) {
    this.#bound = bound
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  /** False when the id is remembered already. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false
    this.#ids.add(id)
    if (this.#ids.size > this.#bound) for (const oldest of this.#ids) return this.#ids.delete(oldest)
    return true
  }

  forget(id: string): void {
    this.#ids.delete(id)
  }
}
