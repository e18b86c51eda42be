import { afterAnotherNight, createAthlete } from './athlete.ts'
import type { Athlete } from './athlete.ts'
import { trainingPlan } from './coach.ts'
import type { Crew } from './specialist.ts'
import { assessReadiness } from './lead.ts'
import { MemoryTiers } from './memory-tiers.ts'
import { Models } from './models.ts'
import { Random } from './random.ts'

const questions = [
  'Am I ready for intervals today?',
  'Why is my variability down this week?',
  'How do I get through two hard days in a row?',
  'Can I move my long run to tomorrow?',
] as const

const athletes = 4

/** The five specialists and the athletes they look after. The same seed gives the same work. */
export class Team {
  readonly #seed: number
  readonly #random: Random
  readonly #shared: Omit<Crew, 'random'>
  readonly #athletes: Athlete[]
  #answered = 0

  constructor(seed: number, pass: Crew['pass']) {
    this.#seed = seed
    this.#random = new Random(seed)
    this.#shared = { memory: new MemoryTiers(), models: new Models(), pass }
    this.#athletes = Array.from({ length: athletes }, (_, index) => createAthlete(`athlete_${index + 1}`, this.#random))
  }

  /** An athlete slept another night and asks something. Rejects when the run fails, as its events tell. */
  async answerNext(): Promise<void> {
    // Some ask more than others. Were they to take turns, the fastest memory would always have lost what is asked next.
    const place = Math.floor(this.#random.next() ** 2 * this.#athletes.length)
    this.#answered += 1
    const random = this.#random.fork()
    const athlete = afterAnotherNight(this.#athletes[place] ?? createAthlete('athlete_0', random), random)
    this.#athletes[place] = athlete
    const crew = { ...this.#shared, random }
    const session = `session_${this.#seed.toString(36)}_${this.#answered}`
    const rest = await assessReadiness(crew, athlete, session, random.pick(questions))
    await trainingPlan(crew, athlete, session, rest)
  }
}
