import { emptyPage, fold } from './page-state.ts'
import type { PageState } from './page-state.ts'
import type { Input } from './input.ts'

/** Calls `run` soon, once: at the next frame, or in a second where no frames are drawn. Gives a way to call it off. */
export type Schedule = (run: () => void) => () => void

/** Inputs that may wait for a frame; with more of them they are folded at once. */
const maxWaiting = 5_000

/** Holds the state. Whatever comes between two frames is folded together, and told once. */
export class FrameStore {
  readonly #schedule: Schedule
  readonly #listeners = new Set<() => void>()
  #state = emptyPage
  #waiting: Input[] = []
  #callOff: (() => void) | undefined

  constructor(schedule: Schedule) {
    this.#schedule = schedule
  }

  get state(): PageState {
    return this.#state
  }

  add(input: Input): void {
    this.#waiting.push(input)
    if (this.#waiting.length >= maxWaiting) return this.#fold()
    this.#callOff ??= this.#schedule(() => this.#fold())
  }

  /** Forgets everything, as when somebody else signs in. */
  clear(): void {
    this.#waiting = []
    this.#state = emptyPage
    this.#tell()
  }

  /** Bound, since React calls it by itself. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #fold(): void {
    this.#callOff?.()
    this.#callOff = undefined
    const inputs = this.#waiting
    this.#waiting = []
    this.#state = fold(this.#state, inputs)
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
