import { kpis } from '../../src/exporters/kpi.ts'
import { label, metrics } from '../../grafana/src/metrics.ts'
import type { RecordingRule, RuleGroup } from './rule.ts'
import { badRatioName, objectives, windows } from './slo.ts'

const { agent, provider, requestModel, tool, memoryTier, memoryResult, outcome, errorType } = label
const failed = `${outcome}=~"error|timeout"`

export const sloRules: RuleGroup = {
  name: 'auren-slo',
  interval: '30s',
  rules: objectives.flatMap((objective) =>
    windows.map((window) => ({ record: badRatioName(objective, window), expr: objective.badRatio(window) })),
  ),
}

/** What many boards and alerts ask for, computed once. Names: labels that stay : metric : what was done. */
export const aggregates: RuleGroup = {
  name: 'auren-aggregates',
  interval: '30s',
  rules: [
    rate5m(['job', agent], metrics.executions, 'auren_agent_executions'),
    errorRatio5m(['job', agent], metrics.executions, failed, 'auren_agent_errors'),
    errorRatio5m([provider, requestModel], `${metrics.callDuration}_count`, `${errorType}!=""`, 'gen_ai_client_errors'),
    errorRatio5m(['job', tool], metrics.toolCalls, failed, 'auren_tool_errors'),
    rate5m(['job', agent, requestModel], metrics.cost, 'auren_cost_usd'),
    rate5m([agent], `${metrics.tokens}_sum`, 'gen_ai_client_token_usage'),
    { record: 'job:auren_memory_hit:ratio_rate30m', expr: hitRatio(['job']) },
    { record: 'job_tier:auren_memory_hit:ratio_rate30m', expr: hitRatio(['job', memoryTier]) },
  ],
}

/** For the long view: a day's figures survive in few series where Prometheus keeps detail for a week only. */
export const daily: RuleGroup = {
  name: 'auren-daily',
  interval: '5m',
  rules: [
    {
      record: 'agent_outcome:auren_agent_executions:increase1d',
      expr: sum(`increase(${metrics.executions}[1d])`, [agent, outcome]),
    },
    {
      record: 'agent_model:auren_cost_usd:increase1d',
      expr: sum(`increase(${metrics.cost}[1d])`, [agent, requestModel]),
    },
    {
      record: 'model_type:gen_ai_client_token_usage:increase1d',
      expr: sum(`increase(${metrics.tokens}_sum[1d])`, [requestModel, label.tokenType]),
    },
    {
      record: 'agent:auren_agent_execution_duration_seconds:p95_1d',
      expr: `histogram_quantile(0.95, ${sum(`rate(${metrics.executionDuration}_bucket[1d])`, ['le', agent])})`,
    },
    ...kpis.map(({ name }) => ({
      record: `severity:auren_kpi_${name}:increase1d`,
      expr: sum(`increase(${metrics.kpiReadings}{${label.kpi}="${name}"}[1d])`, [label.kpiSeverity]),
    })),
  ],
}

function rate5m(by: readonly string[], metric: string, name: string): RecordingRule {
  return { record: `${level(by)}:${name}:rate5m`, expr: sum(`rate(${metric}[5m])`, by) }
}

function errorRatio5m(by: readonly string[], metric: string, bad: string, name: string): RecordingRule {
  const all = sum(`rate(${metric}[5m])`, by)
  const errors = sum(`rate(${metric}{${bad}}[5m])`, by)
  return { record: `${level(by)}:${name}:ratio_rate5m`, expr: `(${errors} or 0 * ${all}) / (${all} > 0)` }
}

function hitRatio(by: readonly string[]): string {
  const reads = sum(`rate(${metrics.memoryAccesses}{${memoryResult}=~"hit|miss"}[30m])`, by)
  const hits = sum(`rate(${metrics.memoryAccesses}{${memoryResult}="hit"}[30m])`, by)
  return `${hits} / (${reads} > 0)`
}

function sum(expression: string, by: readonly string[]): string {
  return `sum by (${by.join(', ')}) (${expression})`
}

/** The last word of each label: `job`, `gen_ai_agent_name` → `job_agent`. */
function level(by: readonly string[]): string {
  return by.map((name) => /(agent|tool|provider|model|tier)/.exec(name)?.[1] ?? name).join('_')
}
