import { stepKinds } from '../../protocol/step-kinds.ts'
import type { KeptFacts } from './kept-facts.ts'

/** One event of a step, with who may see it. */
export interface Told {
  readonly facts: KeptFacts
  /** Who may see the event: one of the run's owners. */
  readonly owner: number
}

/**
 * What was told of one span. What it holds depends on the events alone, never on their order: of several that say the same
 * (start or end), the most specific one stays, and among equals the one with the least id.
 */
export class Step {
  #start: Told | undefined
  #end: Told | undefined

  constructor(told: Told) {
    this.absorb(told)
  }

  get start(): Told | undefined {
    return this.#start
  }

  get end(): Told | undefined {
    return this.#end
  }

  absorb(told: Told): void {
    const held = told.facts.isStart ? this.#start : this.#end
    if (held !== undefined && !precedes(told.facts, held.facts)) return
    if (told.facts.isStart) this.#start = told
    else this.#end = told
  }
}

export function precedes(one: KeptFacts, other: KeptFacts): boolean {
  const rank = stepKinds.indexOf(one.kind) - stepKinds.indexOf(other.kind)
  return rank < 0 || (rank === 0 && one.eventId < other.eventId)
}
