import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Board } from '../board.ts'
import { durationP95, durationQuantiles, errorRatio, executionRate } from '../execution-panels.ts'
import { bucketIncrease, callErrors, executionErrors, inRange, ofAgent } from '../figures.ts'
import { label, metrics } from '../metrics.ts'
import { agentUrl, heatmap, series, stat } from '../panels.ts'
import { chosen, quantile, range, rate, select, sum } from '../query.ts'
import { alertTable, table } from '../tables.ts'

const { agent } = label

export const overview: Board = {
  uid: 'auren-overview',
  title: 'AUREN / Overview',
  description: 'Are the agents well, what do they cost, and where should I look first?',
  variables: ['agent', 'provider', 'model'],
  rows: [
    {
      title: 'Now',
      lines: [
        {
          height: 4,
          panels: [executionRate(), errorRatio(), durationP95(), running(), tokens(), spend(), budget(), down()],
        },
      ],
    },
    {
      title: 'Executions',
      lines: [
        { height: 8, panels: [outcomes(), durationQuantiles()] },
        { height: 8, panels: [durationMap(), providerErrors()] },
      ],
    },
    {
      title: 'Where to look',
      lines: [
        { height: 9, panels: [agents()] },
        { height: 6, panels: [alertTable()] },
      ],
    },
  ],
}

function running() {
  return stat({
    title: 'Running now',
    description: 'Executions that have started and not ended.',
    unit: units.Short,
    expr: sum(select(metrics.activeAgents, ofAgent)),
  })
}

function tokens() {
  return stat({
    title: 'Tokens',
    description: 'Input and output tokens of model calls each second, cached ones included.',
    unit: 'suffix: tok/s',
    expr: rate(`${metrics.tokens}_sum`, { where: ofAgent }),
  })
}

function spend() {
  return stat({
    title: 'Spend an hour',
    description:
      'US dollars an hour at the present rate. Calls whose price is unknown are not in it: see LLM cost and tokens.',
    unit: units.Dollars,
    expr: `${rate(metrics.cost, { where: ofAgent })} * 3600`,
  })
}

function budget() {
  return stat({
    title: 'Error budget left',
    description: 'What is left of the 1 % of executions that may fail in 30 days. Needs the recording rules.',
    unit: units.PercentUnit,
    better: [0.25, 0.5],
    noValue: 'No rules',
    expr: `min(1 - avg_over_time(auren:agent_errors:ratio_rate5m{${chosen.job}}[30d]) / 0.01)`,
  })
}

function down() {
  return stat({
    title: 'Targets down',
    description:
      'Processes that Prometheus knows and cannot scrape. Their figures simply stop, so nothing else shows it.',
    unit: units.Short,
    worse: [1, 1],
    expr: `count(up{${chosen.job}} == 0) or vector(0)`,
  })
}

function outcomes() {
  return series({
    title: 'Executions by outcome',
    description: 'Executions that end each second: success, error, timeout, cancelled.',
    unit: units.RequestsPerSecond,
    stacked: true,
    colours: { success: 'green', error: 'red', timeout: 'orange', cancelled: 'gray' },
    queries: [
      { expr: rate(metrics.executions, { where: ofAgent, by: [label.outcome] }), legend: `{{${label.outcome}}}` },
    ],
  })
}

function durationMap() {
  return heatmap({
    title: 'Durations',
    description: 'How many executions took how long: two bands mean two kinds of work.',
    unit: units.Seconds,
    expr: bucketIncrease(metrics.executionDuration, ofAgent),
  })
}

function providerErrors() {
  return series({
    title: 'Model calls that fail, by provider',
    description: 'Share of model calls that ended with an error. Above 10 % an alert fires.',
    unit: units.PercentUnit,
    worse: [0.05, 0.1],
    queries: [{ expr: callErrors({ by: [label.provider] }), legend: `{{${label.provider}}}` }],
  })
}

function agents() {
  return table({
    title: 'Agents',
    description: 'Each agent over the time range. A click on its name opens its board.',
    rows: { label: agent, title: 'Agent', link: agentUrl },
    columns: [
      { title: 'Executions', unit: units.Short, decimals: 0, expr: inRange(metrics.executions, ofAgent, agent) },
      { title: 'Error ratio', unit: units.PercentUnit, expr: executionErrors({ by: [agent], over: range }) },
      {
        title: 'Duration p95',
        unit: units.Seconds,
        expr: quantile(0.95, metrics.executionDuration, { where: ofAgent, by: [agent], over: range }),
      },
      { title: 'Cost', unit: units.Dollars, expr: inRange(metrics.cost, ofAgent, agent) },
    ],
  })
}
