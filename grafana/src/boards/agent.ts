import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Board } from '../board.ts'
import { durationP95, durationQuantiles, errorRatio, executionRate } from '../execution-panels.ts'
import { ofAgent } from '../figures.ts'
import { label, metrics, runtime } from '../metrics.ts'
import { series, stat } from '../panels.ts'
import { increase, interval, rate, select, sum } from '../query.ts'
import { states, traces } from '../timelines.ts'

const { agent } = label

export const agentDetail: Board = {
  uid: 'auren-agent',
  title: 'AUREN / Agent detail',
  description: 'One agent, or a few side by side: what it does, how long, at what cost, and where its time goes.',
  variables: ['agent', 'tempo'],
  rows: [
    {
      title: 'Per execution',
      lines: [{ height: 4, panels: [executionRate(), errorRatio(), durationP95(), ...perRun()] }],
    },
    {
      title: 'Work',
      lines: [
        { height: 6, panels: [state()] },
        { height: 8, panels: [outcomes(), durationQuantiles()] },
      ],
    },
    { title: 'Inside', lines: [{ height: 8, panels: [whereTimeGoes(), thoughts()] }] },
    { title: 'Traces', collapsed: true, lines: [{ height: 10, panels: [recentTraces()] }] },
    { title: 'Process', collapsed: true, lines: [{ height: 8, panels: [eventLoop(), heap(), garbage()] }] },
  ],
}

function perRun() {
  const of = (metric: string) =>
    `${rate(metric, { where: ofAgent })} / (${rate(metrics.executions, { where: ofAgent })} > 0)`
  return [
    stat({
      title: 'Cost',
      description:
        "US dollars of an agent's own model calls for each execution, those of agents below it not included.",
      unit: units.Dollars,
      expr: of(metrics.cost),
    }),
    stat({
      title: 'Model calls',
      description: 'Model calls for each execution. A rise without a change of code is often a loop.',
      unit: units.Short,
      expr: of(`${metrics.callDuration}_count`),
    }),
    stat({
      title: 'Tool calls',
      description: 'Tool calls for each execution.',
      unit: units.Short,
      expr: of(metrics.toolCalls),
    }),
  ]
}

function state() {
  const running = `max by (${agent}) (clamp_max(${select(metrics.activeAgents, ofAgent)}, 1))`
  const failing = `(${sum(`increase(${select(metrics.executions, [...ofAgent, `${label.outcome}=~"error|timeout"`])}[${interval}])`, [agent])} > bool 0)`
  return states({
    title: 'State',
    description: 'When an agent worked, and when its executions failed.',
    expr: `${running} + 2 * (${failing} or 0 * ${running})`,
    legend: `{{${agent}}}`,
    texts: [
      ['Idle', 'text'],
      ['Running', 'green'],
      ['Failing', 'red'],
      ['Running, failing', 'orange'],
    ],
  })
}

function outcomes() {
  return series({
    title: 'Executions by outcome',
    description: 'Executions that ended, in each interval.',
    unit: units.Short,
    stacked: true,
    colours: { success: 'green', error: 'red', timeout: 'orange', cancelled: 'gray' },
    queries: [
      { expr: increase(metrics.executions, { where: ofAgent, by: [label.outcome] }), legend: `{{${label.outcome}}}` },
    ],
  })
}

function whereTimeGoes() {
  const whole = rate(`${metrics.executionDuration}_sum`, { where: ofAgent })
  const of = (histogram: string) => `${rate(`${histogram}_sum`, { where: ofAgent })} / (${whole} > 0)`
  return series({
    title: 'Where the time goes',
    description:
      "Share of the executions' time that model calls, tools and memory took. Calls side by side can add up to more than 100 %.",
    unit: units.PercentUnit,
    stacked: true,
    queries: [
      { expr: of(metrics.callDuration), legend: 'models' },
      { expr: of(metrics.toolDuration), legend: 'tools' },
      { expr: of(metrics.memoryDuration), legend: 'memory' },
    ],
  })
}

function thoughts() {
  return series({
    title: 'Decisions and thoughts',
    description: 'Decisions by kind, hypotheses and knowledge look-ups, in each interval.',
    unit: units.Short,
    queries: [
      {
        expr: increase(metrics.decisions, { where: ofAgent, by: [label.decisionKind] }),
        legend: `decision: {{${label.decisionKind}}}`,
      },
      { expr: increase(metrics.hypotheses, { where: ofAgent }), legend: 'hypotheses' },
      { expr: increase(metrics.knowledge, { where: ofAgent }), legend: 'knowledge look-ups' },
    ],
  })
}

function recentTraces() {
  return traces({
    title: 'Recent executions',
    description: 'The last traces of the agent in Tempo, where one is connected.',
    query: '{ span.gen_ai.agent.name =~ "$agent" }',
  })
}

function eventLoop() {
  return series({
    title: 'Event loop p99',
    description: 'How late a process runs its timers. Above 0.1 s it does too much at once.',
    unit: units.Seconds,
    worse: [0.05, 0.1],
    queries: [{ expr: `max by (instance) (${select(runtime.eventLoopDelay)})`, legend: '{{instance}}' }],
  })
}

function heap() {
  return series({
    title: 'Heap',
    description: 'Bytes of JavaScript objects. A line that only rises is a leak.',
    unit: units.BytesIEC,
    queries: [{ expr: sum(select(runtime.heapUsed), ['instance']), legend: '{{instance}}' }],
  })
}

function garbage() {
  return series({
    title: 'Garbage collection',
    description: 'Share of the time that a process stands still to collect garbage.',
    unit: units.PercentUnit,
    worse: [0.05, 0.1],
    queries: [{ expr: rate(`${runtime.gcDuration}_sum`, { by: ['instance'] }), legend: '{{instance}}' }],
  })
}
