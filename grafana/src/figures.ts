import { label, metrics } from './metrics.ts'
import { chosen, increase, quantile, range, rate, ratio } from './query.ts'
import type { Selection } from './query.ts'

/** Outcomes that count against an agent or a tool; what somebody cancelled does not. */
export const failed = `${label.outcome}=~"error|timeout"`

export const ofAgent = [chosen.agent]
export const ofModel = [chosen.agent, chosen.model, chosen.provider]

/** Share of executions that failed. */
export function executionErrors({ by = [], over }: Pick<Selection, 'by' | 'over'> = {}): string {
  return share(metrics.executions, ofAgent, failed, by, over)
}

export function toolErrors({ by = [], over }: Pick<Selection, 'by' | 'over'> = {}): string {
  return share(metrics.toolCalls, ofAgent, failed, by, over)
}

/** Share of model calls that failed: these carry an error type. */
export function callErrors({ by = [], over }: Pick<Selection, 'by' | 'over'> = {}): string {
  return share(`${metrics.callDuration}_count`, ofModel, `${label.errorType}!=""`, by, over)
}

/** Share of reads that found what they looked for, of those whose result is known. */
export function memoryHits({ by = [], over }: Pick<Selection, 'by' | 'over'> = {}): string {
  const known = [...ofAgent, `${label.memoryResult}=~"hit|miss"`]
  return share(metrics.memoryAccesses, known, `${label.memoryResult}="hit"`, by, over)
}

/** Duration quantiles of a histogram as three series. */
export function quantiles(histogram: string, where: readonly string[]): { expr: string; legend: string }[] {
  return [0.5, 0.95, 0.99].map((q) => ({ expr: quantile(q, histogram, { where }), legend: `p${q * 100}` }))
}

/** Buckets of a histogram over time, for a heat map. */
export function bucketIncrease(histogram: string, where: readonly string[] = []): string {
  return increase(`${histogram}_bucket`, { where, by: ['le'] })
}

/** Something over the whole time range on the screen, by a label. */
export function inRange(metric: string, where: readonly string[], by: string): string {
  return increase(metric, { where, by: [by], over: range })
}

function share(metric: string, where: readonly string[], part: string, by: readonly string[], over?: string): string {
  const window = over === undefined ? {} : { over }
  return ratio(rate(metric, { where: [...where, part], by, ...window }), rate(metric, { where, by, ...window }))
}
