import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Board } from '../board.ts'
import { callErrors, ofModel } from '../figures.ts'
import { gateway, label, metrics } from '../metrics.ts'
import { bars, series, stat } from '../panels.ts'
import { increase, quantile, range, rate } from '../query.ts'

const { requestModel: model, tokenType, provider, errorType, agent } = label
const tokensPerSecond = 'suffix: tok/s'
const output = [...ofModel, `${tokenType}="output"`]

export const llm: Board = {
  uid: 'auren-llm',
  title: 'AUREN / LLM cost and tokens',
  description: 'What models cost, who spends it, how fast and how reliably they answer.',
  variables: ['agent', 'provider', 'model'],
  rows: [
    { title: 'Cost', lines: [{ height: 4, panels: [spent(), projected(), budgetUsed(), unpriced()] }] },
    { title: 'Calls', lines: [{ height: 4, panels: [calls(), errors(), firstChunk(), outputRate()] }] },
    {
      title: 'Over time',
      lines: [
        { height: 8, panels: [spendByModel(), tokensByType()] },
        { height: 8, panels: [durationByModel(), firstChunkByModel()] },
        { height: 8, panels: [speedByModel(), errorsByType()] },
      ],
    },
    { title: 'In the time range', lines: [{ height: 9, panels: [costPerThousand(), tokensPerCall(), topAgents()] }] },
  ],
}

function spent() {
  return stat({
    title: 'Spent',
    description: 'US dollars in the time range, of leaf model calls only: nothing is counted twice.',
    unit: units.Dollars,
    expr: increase(metrics.cost, { where: ofModel, over: range }),
  })
}

function projected() {
  return stat({
    title: 'Projected a day',
    description: 'US dollars a day at the rate of the last hour.',
    unit: units.Dollars,
    expr: `${rate(metrics.cost, { where: ofModel, over: '1h' })} * 86400`,
  })
}

function budgetUsed() {
  return stat({
    title: 'Budget used',
    description:
      "Share of the day's budget that all agents spent in the last 24 hours. The gateway is told it by AUREN_DAILY_BUDGET_USD.",
    unit: units.PercentUnit,
    worse: [0.8, 1],
    noValue: 'No budget',
    expr: `${increase(metrics.cost, { over: '24h' })} / scalar(max(${gateway.budget}{${label.budgetPeriod}="day"}))`,
  })
}

function unpriced() {
  return stat({
    title: 'Calls without a price',
    description:
      'Calls in the time range whose model no price table knows: the cost is too low by theirs. A price file mends it.',
    unit: units.Short,
    worse: [1, 1],
    expr: increase(metrics.unpricedCalls, { where: ofModel, over: range }),
  })
}

function calls() {
  return stat({
    title: 'Calls',
    description: 'Model calls that end each second.',
    unit: units.RequestsPerSecond,
    expr: rate(`${metrics.callDuration}_count`, { where: ofModel }),
  })
}

function errors() {
  return stat({
    title: 'Error ratio',
    description: 'Share of model calls that ended with an error.',
    unit: units.PercentUnit,
    worse: [0.05, 0.1],
    expr: callErrors(),
  })
}

function firstChunk() {
  return stat({
    title: 'First chunk p95',
    description: '95 of 100 streamed answers begin within this time.',
    unit: units.Seconds,
    worse: [2.56, 5.12],
    noValue: 'No streams',
    expr: quantile(0.95, metrics.firstChunk, { where: ofModel }),
  })
}

function outputRate() {
  return stat({
    title: 'Output',
    description: 'Output tokens each second, over all calls.',
    unit: tokensPerSecond,
    expr: rate(`${metrics.tokens}_sum`, { where: output }),
  })
}

function spendByModel() {
  return series({
    title: 'Spend an hour, by model',
    description: 'US dollars an hour.',
    unit: units.Dollars,
    stacked: true,
    queries: [{ expr: `${rate(metrics.cost, { where: ofModel, by: [model] })} * 3600`, legend: `{{${model}}}` }],
  })
}

function tokensByType() {
  return series({
    title: 'Tokens by type',
    description: 'Input (cached ones included) and output tokens each second.',
    unit: tokensPerSecond,
    stacked: true,
    queries: [{ expr: rate(`${metrics.tokens}_sum`, { where: ofModel, by: [tokenType] }), legend: `{{${tokenType}}}` }],
  })
}

function durationByModel() {
  return series({
    title: 'Call duration p95, by model',
    description: '95 of 100 calls end within this time.',
    unit: units.Seconds,
    queries: [{ expr: quantile(0.95, metrics.callDuration, { where: ofModel, by: [model] }), legend: `{{${model}}}` }],
  })
}

function firstChunkByModel() {
  return series({
    title: 'First chunk p95, by model',
    description: '95 of 100 streamed answers begin within this time. Only streams are measured.',
    unit: units.Seconds,
    worse: [2.56, 5.12],
    queries: [{ expr: quantile(0.95, metrics.firstChunk, { where: ofModel, by: [model] }), legend: `{{${model}}}` }],
  })
}

function speedByModel() {
  const spoken = rate(`${metrics.tokens}_sum`, { where: output, by: [model] })
  const seconds = rate(`${metrics.callDuration}_sum`, { where: ofModel, by: [model] })
  return series({
    title: 'Speed, by model',
    description: 'Output tokens for each second of a call, waiting included.',
    unit: tokensPerSecond,
    queries: [{ expr: `${spoken} / (${seconds} > 0)`, legend: `{{${model}}}` }],
  })
}

function errorsByType() {
  return series({
    title: 'Errors by provider and type',
    description: 'Failed calls each second.',
    unit: units.CountsPerSecond,
    stacked: true,
    queries: [
      {
        expr: rate(`${metrics.callDuration}_count`, {
          where: [...ofModel, `${errorType}!=""`],
          by: [provider, errorType],
        }),
        legend: `{{${provider}}} {{${errorType}}}`,
      },
    ],
  })
}

function costPerThousand() {
  const dollars = rate(metrics.cost, { where: ofModel, by: [model], over: range })
  const spoken = rate(`${metrics.tokens}_sum`, { where: ofModel, by: [model], over: range })
  return bars({
    title: 'Cost of 1,000 tokens',
    description:
      'What 1,000 tokens cost on average, input and output together: the price as it is used, caching included.',
    unit: units.Dollars,
    expr: `1000 * ${dollars} / (${spoken} > 0)`,
    legend: `{{${model}}}`,
  })
}

function tokensPerCall() {
  return bars({
    title: 'Tokens of a call, p95',
    description:
      '95 of 100 calls have at most this many tokens. Input that grows from week to week is a history nobody cuts.',
    unit: units.Short,
    expr: quantile(0.95, metrics.tokens, { where: ofModel, by: [tokenType], over: range }),
    legend: `{{${tokenType}}}`,
  })
}

function topAgents() {
  return bars({
    title: 'Agents by spend',
    description: 'The ten agents whose own model calls cost most.',
    unit: units.Dollars,
    expr: `topk(10, ${increase(metrics.cost, { where: ofModel, by: [agent], over: range })})`,
    legend: `{{${agent}}}`,
  })
}
