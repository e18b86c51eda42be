/** How far a figure is from where it should be; the levels of the predecessor's KPI registry. */
export const kpiSeverities = ['normal', 'elevated', 'warning', 'critical'] as const
export type KpiSeverity = (typeof kpiSeverities)[number]

export interface Kpi {
  /** Name of the value in a biometric reading; it is the label value too. */
  readonly name: string
  /** Instrument, with its unit and boundaries; the boundaries hold every limit of `severity`. */
  readonly metric: {
    readonly name: string
    readonly unit: string
    readonly description: string
    readonly boundaries: number[]
  }
  severity(value: number): KpiSeverity
}

/** What athletes are watched by, with the limits of the predecessor's KPI registry 1.1. */
export const kpis: readonly Kpi[] = [
  {
    name: 'hrv_rmssd',
    metric: {
      name: 'auren.hrv.rmssd',
      unit: 'ms',
      description: 'Heart-rate variability of athletes, RMSSD',
      boundaries: [10, 20, 25, 30, 40, 50, 60, 70, 80, 100, 130],
    },
    severity: (ms) => (ms < 20 ? 'critical' : ms < 30 ? 'warning' : ms > 100 ? 'elevated' : 'normal'),
  },
  {
    name: 'sleep_debt_hours',
    metric: {
      name: 'auren.sleep.debt',
      unit: 'h',
      description: 'Hours of sleep that athletes missed in seven days',
      boundaries: [0.5, 1, 2, 3, 4, 6, 8, 12, 20],
    },
    severity: (hours) => (hours > 8 ? 'critical' : hours > 4 ? 'warning' : 'normal'),
  },
  {
    name: 'recovery_score',
    metric: {
      name: 'auren.recovery.score',
      unit: '{score}',
      description: 'Recovery score of athletes, 0 to 100',
      boundaries: [10, 20, 30, 40, 50, 60, 70, 80, 90],
    },
    severity: (score) => (score < 40 ? 'critical' : score < 60 ? 'warning' : 'normal'),
  },
]
