import type { Gap } from '../../protocol/server-messages.ts'

/** Holes that are remembered; each takes a failover. */
const bound = 1_000

/**
 * Where entries are gone that the tail had read, as after a failover to a replica that lacked them: the stream itself shows
 * nothing there to who reads it later.
 */
export class Holes {
  /** Id of the entry behind the hole → what is told. */
  readonly #before = new Map<string, Gap>()
  #open: Gap | undefined

  open(gap: Gap): void {
    this.#open = gap
  }

  /** The first entry behind an open hole, if there is one. */
  close(id: string): void {
    if (this.#open === undefined) return
    this.#before.set(id, this.#open)
    this.#open = undefined
    const [oldest] = this.#before.keys()
    if (this.#before.size > bound && oldest !== undefined) this.#before.delete(oldest)
  }

  before(id: string): Gap | undefined {
    return this.#before.get(id)
  }
}
