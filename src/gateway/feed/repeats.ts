import type { StreamEntry } from '../../streams/event-stream.ts'

/**
 * Tells the copies that an exporter sent again, after an append of unknown outcome, from the first ones. Every gateway
 * reads the same order, so all of them leave out the same copy.
 */
export class Repeats {
  readonly #bound: number
  /** Event id → the entry that had it first, and in which life of the stream it was last seen. */
  readonly #first = new Map<string, { readonly id: string; readonly life: number }>()
  readonly #copies = new Set<string>()
  readonly #oldestFirst = this.#first.keys()
  readonly #oldestCopy = this.#copies.keys()
  #life = 0

  /** Remembers so many events, and as many copies. */
  constructor(bound: number) {
    this.#bound = bound
  }

  /** Whether the tail sees this event for the first time. */
  isNew({ id, event }: StreamEntry): boolean {
    const first = this.#first.get(event.event_id)
    if (first?.life === this.#life) {
      if (first.id !== id) this.#copies.add(id)
      this.#forgetOldest(this.#copies, this.#oldestCopy)
      return false
    }
    // Of an earlier life the tail gave it, but who reads later finds it here only.
    this.#first.set(event.event_id, { id, life: this.#life })
    this.#forgetOldest(this.#first, this.#oldestFirst)
    return first === undefined
  }

  isCopy(id: StreamEntry['id']): boolean {
    return this.#copies.has(id)
  }

  /** The stream began anew, or goes on from an older place: ids name other entries now, and what was first may be gone. */
  beginAnew(): void {
    this.#life += 1
    this.#copies.clear()
  }

  /** By an iterator that goes on where it was: a new one would step over all that was deleted before. */
  #forgetOldest(ids: Map<string, unknown> | Set<string>, oldest: Iterator<string, undefined>): void {
    if (ids.size <= this.#bound) return
    const { value } = oldest.next()
    if (value !== undefined) ids.delete(value)
  }
}
