import type { Random } from './random.ts'

export interface Athlete {
  readonly id: string
  readonly user: string
  /** Heart-rate variability (RMSSD, ms) of a rested night. */
  readonly baseline: number
  /** The last nights, the newest last. */
  readonly nights: readonly Night[]
}

export interface Night {
  /** RMSSD, ms. */
  readonly hrv: number
  readonly hoursSlept: number
  /** Of the day before, 0 to 10. */
  readonly load: number
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

export function createAthlete(id: string, random: Random): Athlete {
  let athlete: Athlete = { id, user: `user_${id}`, baseline: random.between(48, 78), nights: [] }
  for (let night = 0; night < nightsKept; night += 1) athlete = afterAnotherNight(athlete, random)
  return athlete
}

/** Variability falls after hard days and short nights, half of it stays over the next night, and it recovers. */
export function afterAnotherNight(athlete: Athlete, random: Random): Athlete {
  const load = random.chance(1 / 7) ? random.between(0, 2) : random.between(3, 9)
  const hoursSlept = random.between(5.6, 8.6)
  const strain = (load - 5) * 1.6 + (7.5 - hoursSlept) * 3
  const carried = (athlete.baseline - (athlete.nights.at(-1)?.hrv ?? athlete.baseline)) / 2
  const hrv = athlete.baseline - strain - carried + random.between(-3, 3)
  const night = { hrv: round(hrv), hoursSlept: round(hoursSlept), load: round(load) }
  return { ...athlete, nights: [...athlete.nights, night].slice(-nightsKept) }
}

export function assess({ nights }: Athlete): Assessment {
  const latest = nights.at(-1)?.hrv ?? 0
  const baseline = mean(nights.map(({ hrv }) => hrv))
  const debt = nights.slice(-7).reduce((sum, { hoursSlept }) => sum + Math.max(0, 8 - hoursSlept), 0)
  const change = (latest - baseline) / baseline
  return {
    hrv_rmssd: latest,
    hrv_baseline: round(baseline),
    hrv_change: round(change),
    sleep_debt_hours: round(debt),
    recovery_score: Math.round(Math.max(0, Math.min(100, 75 + change * 120 - debt * 1.5))),
  }
}

/** Sum of the last seven days. */
export function weeklyLoad({ nights }: Athlete): number {
  return round(nights.slice(-7).reduce((sum, { load }) => sum + load, 0))
}

export function trendOf({ hrv_change: change }: Assessment): 'improving' | 'stable' | 'declining' {
  if (change > 0.05) return 'improving'
  return change < -0.05 ? 'declining' : 'stable'
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
