/** Work under way that closing waits for. */
export class PendingWork {
  readonly #work = new Set<Promise<unknown>>()

  /** Settles as the work does. */
  async track<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work)
    try {
      return await work
    } finally {
      this.#work.delete(work)
    }
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#work)
  }
}
