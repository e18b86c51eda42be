import { label } from './metrics.ts'

/** The window of a range query: Grafana takes at least four scrapes. */
export const interval = '$__rate_interval'
/** The whole time range on the screen, for instant queries. */
export const range = '$__range'

/** What the variables at the top of a board choose. */
export const chosen = {
  job: 'job=~"$job"',
  agent: `${label.agent}=~"$agent"`,
  model: `${label.requestModel}=~"$model"`,
  provider: `${label.provider}=~"$provider"`,
} as const

export interface Selection {
  /** Matchers such as `auren_outcome="error"`, besides the job. */
  readonly where?: readonly string[]
  readonly by?: readonly string[]
  readonly over?: string
}

export function select(metric: string, where: readonly string[] = []): string {
  return `${metric}{${[chosen.job, ...where].join(', ')}}`
}

export function sum(expression: string, by: readonly string[] = []): string {
  return by.length === 0 ? `sum(${expression})` : `sum by (${by.join(', ')}) (${expression})`
}

/** Per second. */
export function rate(metric: string, { where, by, over = interval }: Selection = {}): string {
  return sum(`rate(${select(metric, where)}[${over}])`, by)
}

export function increase(metric: string, { where, by, over = interval }: Selection = {}): string {
  return sum(`increase(${select(metric, where)}[${over}])`, by)
}

/** Part of a whole, 0 where the part has no series yet and nothing where there is no traffic. */
export function ratio(part: string, whole: string): string {
  return `(${part} or 0 * ${whole}) / (${whole} > 0)`
}

export function quantile(q: number, histogram: string, { by = [], ...selection }: Selection = {}): string {
  return `histogram_quantile(${q}, ${rate(`${histogram}_bucket`, { ...selection, by: ['le', ...by] })})`
}

/** Mean of a histogram's observations. */
export function mean(histogram: string, selection: Selection = {}): string {
  return `${rate(`${histogram}_sum`, selection)} / (${rate(`${histogram}_count`, selection)} > 0)`
}
