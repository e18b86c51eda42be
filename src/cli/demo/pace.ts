import type { Random } from './random.ts'

/** Chance and time, which are all that is made up in the simulated parts. */
export interface Pace {
  /** Of this run alone. */
  readonly random: Random
  /** Lets simulated work take its time, in milliseconds; rejects when the crew is told to stop. */
  readonly pass: (ms: number) => Promise<void>
}
