import { label, metrics } from '../../grafana/src/metrics.ts'

/** What is promised of agents, over 30 days. The only place with these numbers; boards and alerts are made from it. */
export interface Objective {
  /** Part of the recorded names: `auren:<name>:ratio_rate5m`. */
  readonly name: string
  readonly what: string
  /** Share of executions that may miss it. */
  readonly budget: number
  /** Share of bad executions over a window, by job; nothing where there is no traffic. */
  readonly badRatio: (window: string) => string
}

const byJob = (expression: string) => `sum by (job) (${expression})`

/** A boundary of the histogram that is no integer: Prometheus 3 would call `le="10"` `le="10.0"`. */
const slowAfterSeconds = '12.8'

export const objectives: readonly Objective[] = [
  {
    name: 'agent_errors',
    what: 'end without an error',
    budget: 0.01,
    badRatio: (window) => {
      const all = byJob(`rate(${metrics.executions}[${window}])`)
      const bad = byJob(`rate(${metrics.executions}{${label.outcome}=~"error|timeout"}[${window}])`)
      return `(${bad} or 0 * ${all}) / (${all} > 0)`
    },
  },
  {
    name: 'agent_slow',
    what: `end within ${slowAfterSeconds} s`,
    budget: 0.05,
    badRatio: (window) => {
      const all = byJob(`rate(${metrics.executionDuration}_count[${window}])`)
      const inTime = byJob(`rate(${metrics.executionDuration}_bucket{le="${slowAfterSeconds}"}[${window}])`)
      return `1 - ${inTime} / (${all} > 0)`
    },
  },
]

/** Windows that the burn rates below look at. */
export const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const
export type Window = (typeof windows)[number]

export function badRatioName({ name }: Objective, window: Window): string {
  return `auren:${name}:ratio_rate${window}`
}

/** Both windows must burn: the long one says that it matters, the short one that it goes on (Google's SRE workbook, ch. 5). */
export const burns = {
  fast: [
    { long: '1h', short: '5m', factor: 14.4 },
    { long: '6h', short: '30m', factor: 6 },
  ],
  slow: [
    { long: '1d', short: '2h', factor: 3 },
    { long: '3d', short: '6h', factor: 1 },
  ],
} as const satisfies Record<string, readonly { long: Window; short: Window; factor: number }[]>
