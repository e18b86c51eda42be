import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Board } from '../board.ts'
import { bucketIncrease } from '../figures.ts'
import { kpiMetric, label, metrics } from '../metrics.ts'
import { heatmap, series, stat } from '../panels.ts'
import { increase, quantile, range, rate, ratio } from '../query.ts'

const { kpi, kpiSeverity } = label

export const athletes: Board = {
  uid: 'auren-athletes',
  title: 'AUREN / Athletes',
  description:
    'Heart-rate variability, sleep debt and recovery as agents read them, over all athletes: nobody is named.',
  variables: [],
  rows: [
    { title: 'Now', lines: [{ height: 4, panels: [hrv(), sleep(), recovery(), atRisk()] }] },
    { title: 'Distribution', lines: [{ height: 8, panels: [hrvMap(), sleepMap(), recoveryMap()] }] },
    { title: 'Risk', lines: [{ height: 8, panels: [severities(), risks()] }] },
  ],
}

function hrv() {
  return stat({
    title: 'HRV (RMSSD), median',
    description: 'Half of the readings are above. Normal is 30 to 100 ms.',
    unit: units.Milliseconds,
    better: [20, 30],
    noValue: 'No readings',
    expr: quantile(0.5, kpiMetric('hrv_rmssd'), { over: range }),
  })
}

function sleep() {
  return stat({
    title: 'Sleep debt, median',
    description: 'Hours missed in seven days; half of the readings are below. From 4 it is a warning, from 8 critical.',
    unit: units.Hours,
    worse: [4, 8],
    noValue: 'No readings',
    expr: quantile(0.5, kpiMetric('sleep_debt_hours'), { over: range }),
  })
}

function recovery() {
  return stat({
    title: 'Recovery score, median',
    description: 'Half of the readings are above. Below 60 it is a warning, below 40 critical.',
    unit: units.Short,
    better: [40, 60],
    noValue: 'No readings',
    expr: quantile(0.5, kpiMetric('recovery_score'), { over: range }),
  })
}

function atRisk() {
  const readings = increase(metrics.kpiReadings, { over: range })
  return stat({
    title: 'Critical readings',
    description: 'Share of all readings in the time range that were critical.',
    unit: units.PercentUnit,
    worse: [0.05, 0.15],
    noValue: 'No readings',
    expr: ratio(increase(metrics.kpiReadings, { where: [`${kpiSeverity}="critical"`], over: range }), readings),
  })
}

function hrvMap() {
  return heatmap({
    title: 'HRV (RMSSD)',
    description: 'How many readings fell in each band.',
    unit: units.Milliseconds,
    expr: bucketIncrease(kpiMetric('hrv_rmssd')),
  })
}

function sleepMap() {
  return heatmap({
    title: 'Sleep debt',
    description: 'How many readings fell in each band.',
    unit: units.Hours,
    expr: bucketIncrease(kpiMetric('sleep_debt_hours')),
  })
}

function recoveryMap() {
  return heatmap({
    title: 'Recovery score',
    description: 'How many readings fell in each band.',
    unit: units.Short,
    expr: bucketIncrease(kpiMetric('recovery_score')),
  })
}

function severities() {
  return series({
    title: 'Readings by severity',
    description: 'Readings of all figures each second.',
    unit: units.CountsPerSecond,
    stacked: true,
    colours: { normal: 'green', elevated: 'blue', warning: 'orange', critical: 'red' },
    queries: [{ expr: rate(metrics.kpiReadings, { by: [kpiSeverity] }), legend: `{{${kpiSeverity}}}` }],
  })
}

function risks() {
  const where = [`${kpiSeverity}=~"warning|critical"`]
  const all = rate(metrics.kpiReadings, { by: [kpi] })
  return series({
    title: 'Readings at risk, by figure',
    description: 'Share of the readings of a figure that were a warning or critical.',
    unit: units.PercentUnit,
    worse: [0.25, 0.5],
    queries: [{ expr: ratio(rate(metrics.kpiReadings, { where, by: [kpi] }), all), legend: `{{${kpi}}}` }],
  })
}
