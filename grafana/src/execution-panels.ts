import * as units from '@grafana/grafana-foundation-sdk/units'
import { executionErrors, ofAgent, quantiles } from './figures.ts'
import { metrics } from './metrics.ts'
import { series, stat } from './panels.ts'
import { quantile, rate } from './query.ts'

export function executionRate() {
  return stat({
    title: 'Executions',
    description: 'Agent executions that end each second.',
    unit: units.RequestsPerSecond,
    expr: rate(metrics.executions, { where: ofAgent }),
  })
}

export function errorRatio() {
  return stat({
    title: 'Error ratio',
    description: 'Share of executions that ended with an error or a time-out. The objective is 1 %.',
    unit: units.PercentUnit,
    worse: [0.01, 0.05],
    expr: executionErrors(),
  })
}

export function durationP95() {
  return stat({
    title: 'Duration p95',
    description: '95 of 100 executions end within this time.',
    unit: units.Seconds,
    worse: [6.4, 12.8],
    expr: quantile(0.95, metrics.executionDuration, { where: ofAgent }),
  })
}

export function durationQuantiles() {
  return series({
    title: 'Duration',
    description: 'Half, 95 and 99 of 100 executions end within these times.',
    unit: units.Seconds,
    worse: [6.4, 12.8],
    queries: quantiles(metrics.executionDuration, ofAgent),
  })
}
