import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Board } from '../board.ts'
import { bucketIncrease, failed } from '../figures.ts'
import { label, metrics } from '../metrics.ts'
import { bars, heatmap, series } from '../panels.ts'
import { increase, quantile, range, rate, ratio } from '../query.ts'
import { graph, matrix } from '../tables.ts'

const { collaborationSource: source, collaborationTarget: target, collaborationKind: kind } = label
const pairs = increase(metrics.collaborations, { by: [source, target], over: range })

export const collaboration: Board = {
  uid: 'auren-collaboration',
  title: 'AUREN / Collaboration',
  description: 'Who hands work to whom, how often it goes wrong, and how sure agents are of what they decide.',
  variables: [],
  rows: [
    { title: 'Who with whom', lines: [{ height: 14, widths: [14, 10], panels: [network(), crossTable()] }] },
    { title: 'Over time', lines: [{ height: 8, panels: [byKind(), failures(), durations()] }] },
    { title: 'In the time range', lines: [{ height: 9, panels: [topPairs(), confidence()] }] },
  ],
}

function network() {
  return graph({
    title: 'Hand-offs and delegations',
    description: 'An arrow for each pair of agents that worked together in the time range, with how often.',
    expr: pairs,
    source,
    target,
  })
}

function crossTable() {
  return matrix({
    title: 'From (rows) to (columns)',
    description: 'The same as a table, for those who count rather than look.',
    expr: pairs,
    row: source,
    column: target,
  })
}

function byKind() {
  return series({
    title: 'Collaborations by kind',
    description: 'Hand-offs, delegations and consultations each second.',
    unit: units.CountsPerSecond,
    stacked: true,
    queries: [{ expr: rate(metrics.collaborations, { by: [kind] }), legend: `{{${kind}}}` }],
  })
}

function failures() {
  const ended = rate(metrics.collaborations, { by: [kind] })
  return series({
    title: 'Collaborations that fail',
    description: 'Share of collaborations that ended with an error or a time-out.',
    unit: units.PercentUnit,
    worse: [0.05, 0.2],
    queries: [
      { expr: ratio(rate(metrics.collaborations, { where: [failed], by: [kind] }), ended), legend: `{{${kind}}}` },
    ],
  })
}

function durations() {
  return series({
    title: 'Duration p95',
    description: '95 of 100 collaborations end within this time. A hand-off takes none: the other agent goes on.',
    unit: units.Seconds,
    queries: [{ expr: quantile(0.95, metrics.collaborationDuration, { by: [kind] }), legend: `{{${kind}}}` }],
  })
}

function topPairs() {
  return bars({
    title: 'Busiest pairs',
    description: 'The ten pairs that worked together most in the time range.',
    unit: units.Short,
    expr: `topk(10, ${pairs})`,
    legend: `{{${source}}} → {{${target}}}`,
  })
}

function confidence() {
  return heatmap({
    title: 'Confidence of decisions',
    description:
      'How sure agents were of their decisions, 0 to 1. A band that sinks means decisions on thinner ground.',
    unit: units.PercentUnit,
    expr: bucketIncrease(metrics.decisionConfidence),
  })
}
