import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Board } from '../board.ts'
import { bucketIncrease, inRange, memoryHits, ofAgent, toolErrors } from '../figures.ts'
import { label, metrics } from '../metrics.ts'
import { heatmap, series, stat } from '../panels.ts'
import { mean, quantile, range, rate } from '../query.ts'
import { table } from '../tables.ts'

const { tool, memoryTier: tier, memoryResult } = label

export const toolsAndMemory: Board = {
  uid: 'auren-tools-memory',
  title: 'AUREN / Tools and memory tiers',
  description: 'Which tools fail or drag, and whether memory answers before a model has to.',
  variables: ['agent'],
  rows: [
    {
      title: 'Tools',
      lines: [
        { height: 8, panels: [calls(), failures(), durations()] },
        { height: 8, panels: [tools()] },
      ],
    },
    {
      title: 'Memory',
      lines: [
        { height: 8, widths: [4, 4, 16], panels: [effectiveness(), meanAccess(), hitsByTier()] },
        { height: 8, panels: [accesses(), accessTimes(), accessMap()] },
      ],
    },
  ],
}

function calls() {
  return series({
    title: 'Tool calls',
    description: 'Tool calls that end each second.',
    unit: units.CountsPerSecond,
    stacked: true,
    queries: [{ expr: rate(metrics.toolCalls, { where: ofAgent, by: [tool] }), legend: `{{${tool}}}` }],
  })
}

function failures() {
  return series({
    title: 'Tool failures',
    description: 'Share of calls that ended with an error or a time-out. Above 20 % an alert fires.',
    unit: units.PercentUnit,
    worse: [0.05, 0.2],
    queries: [{ expr: toolErrors({ by: [tool] }), legend: `{{${tool}}}` }],
  })
}

function durations() {
  return series({
    title: 'Tool duration p95',
    description: '95 of 100 calls end within this time.',
    unit: units.Seconds,
    queries: [{ expr: quantile(0.95, metrics.toolDuration, { where: ofAgent, by: [tool] }), legend: `{{${tool}}}` }],
  })
}

function tools() {
  return table({
    title: 'Tools in the time range',
    description: 'Each tool over the time range, the busiest first.',
    rows: { label: tool, title: 'Tool' },
    columns: [
      { title: 'Calls', unit: units.Short, decimals: 0, expr: inRange(metrics.toolCalls, ofAgent, tool) },
      { title: 'Failures', unit: units.PercentUnit, expr: toolErrors({ by: [tool], over: range }) },
      {
        title: 'Duration p95',
        unit: units.Seconds,
        expr: quantile(0.95, metrics.toolDuration, { where: ofAgent, by: [tool], over: range }),
      },
    ],
  })
}

function effectiveness() {
  return stat({
    title: 'Reads that hit',
    description:
      'Share of memory reads that found something, of those whose result is known. Below 70 % an alert fires.',
    unit: units.PercentUnit,
    better: [0.7, 0.8],
    noValue: 'No reads',
    expr: memoryHits(),
  })
}

function meanAccess() {
  return stat({
    title: 'Mean access',
    description: 'Mean time of a memory access, over all tiers.',
    unit: units.Seconds,
    worse: [0.05, 0.2],
    expr: mean(metrics.memoryDuration, { where: ofAgent }),
  })
}

function hitsByTier() {
  return series({
    title: 'Reads that hit, by tier',
    description: 'Share of reads of a tier that found something. The first tier should catch most of them.',
    unit: units.PercentUnit,
    queries: [{ expr: memoryHits({ by: [tier] }), legend: `{{${tier}}}` }],
  })
}

function accesses() {
  return series({
    title: 'Accesses by tier and result',
    description: 'Memory accesses each second. None: a write, or a read whose span does not say what it found.',
    unit: units.CountsPerSecond,
    stacked: true,
    queries: [
      {
        expr: rate(metrics.memoryAccesses, { where: ofAgent, by: [tier, memoryResult] }),
        legend: `{{${tier}}} {{${memoryResult}}}`,
      },
    ],
  })
}

function accessTimes() {
  return series({
    title: 'Access time p95, by tier',
    description: '95 of 100 accesses end within this time. The scale is logarithmic.',
    unit: units.Seconds,
    logarithmic: true,
    queries: [{ expr: quantile(0.95, metrics.memoryDuration, { where: ofAgent, by: [tier] }), legend: `{{${tier}}}` }],
  })
}

function accessMap() {
  return heatmap({
    title: 'Access times',
    description: 'How many accesses took how long: each tier has a band of its own.',
    unit: units.Seconds,
    expr: bucketIncrease(metrics.memoryDuration, ofAgent),
  })
}
