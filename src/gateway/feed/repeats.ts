import type { StreamEntry } from '../../streams/event-stream.ts'

/**
 * Tells the copies that an exporter sent again, after an append of unknown outcome, from the first ones. Every gateway
 * reads the same order, so all of them leave out the same copy.
 */
export class Repeats {
  readonly #bound: number
  /** Event id → the entry that had it first. */
  readonly #first = new Map<string, { readonly id: string; readonly epoch: string }>()
  readonly #copies = new Set<string>()

  /** Remembers so many events, and as many copies. */
  constructor(bound: number) {
    this.#bound = bound
  }

  /** Whether the tail sees this event for the first time. */
  isNew({ id, event }: StreamEntry, epoch: string): boolean {
    const first = this.#first.get(event.event_id)
    if (first === undefined) {
      this.#first.set(event.event_id, { id, epoch })
      forgetOldest(this.#first, this.#bound)
      return true
    }
    // The same entry once more, of a stream that was restored, is no copy; nor is what another stream had, too.
    if (first.id !== id && first.epoch === epoch) this.#copies.add(id)
    forgetOldest(this.#copies, this.#bound)
    return false
  }

  isCopy(id: StreamEntry['id']): boolean {
    return this.#copies.has(id)
  }

  /** The stream began anew: its ids name other entries now. */
  forgetCopies(): void {
    this.#copies.clear()
  }
}

function forgetOldest(ids: Map<string, unknown> | Set<string>, bound: number): void {
  if (ids.size <= bound) return
  for (const oldest of ids.keys()) {
    ids.delete(oldest)
    return
  }
}
