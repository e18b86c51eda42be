import type { Random } from './random.ts'

export interface Athlete {
  readonly id: string
  readonly user: string
  /** Heart-rate variability (RMSSD, ms) of the last nights, the newest last. */
  readonly nights: readonly number[]
  /** Hours slept in those nights. */
  readonly sleep: readonly number[]
  /** Training load of those days, 0 to 10. */
  readonly load: readonly number[]
}

export interface Assessment {
  readonly hrv_rmssd: number
  readonly hrv_baseline: number
  /** Change against the baseline, −1 to 1. */
  readonly hrv_change: number
  /** Hours missing to eight a night over the last week. */
  readonly sleep_debt_hours: number
  /** 0 to 100. */
  readonly recovery_score: number
}

const nightsKept = 28

/** A synthetic athlete: variability falls after hard days and short nights, and recovers. */
export function createAthlete(id: string, random: Random): Athlete {
  const baseline = random.between(48, 78)
  const nights: number[] = []
  const sleep: number[] = []
  const load: number[] = []
  for (let night = 0; night < nightsKept; night += 1) {
    const trained = night % 7 === 6 ? random.between(0, 2) : random.between(3, 9)
    const slept = random.between(5.6, 8.6)
    const strain = (trained - 5) * 1.6 + (7.5 - slept) * 3
    nights.push(round(baseline - strain + random.between(-3, 3)))
    sleep.push(round(slept))
    load.push(round(trained))
  }
  return { id, user: `user_${id}`, nights, sleep, load }
}

export function assess({ nights, sleep }: Athlete): Assessment {
  const latest = nights.at(-1) ?? 0
  const baseline = mean(nights)
  const debt = sleep.slice(-7).reduce((sum, hours) => sum + Math.max(0, 8 - hours), 0)
  const change = (latest - baseline) / baseline
  return {
    hrv_rmssd: latest,
    hrv_baseline: round(baseline),
    hrv_change: round(change),
    sleep_debt_hours: round(debt),
    recovery_score: Math.round(Math.max(0, Math.min(100, 75 + change * 120 - debt * 1.5))),
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
