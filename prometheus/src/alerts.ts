import { gateway, label, metrics, redis, runtime } from '../../grafana/src/metrics.ts'
import { alerts } from './rule.ts'
import type { AlertSpec, RuleGroup } from './rule.ts'
import { badRatioName, burns, objectives } from './slo.ts'
import type { Objective } from './slo.ts'

const { agent, provider, requestModel: model, tool, memoryTier, memoryResult } = label
const budget = `scalar(max(${gateway.budget}{${label.budgetPeriod}="day"}))`

/** One failed execution in a quiet night is a ratio of 100 %, and nothing to wake for. */
const leastExecutions = 20

const agents = alerts('agent', 'auren-agent', [
  ...objectives.flatMap(burnAlerts),
  {
    name: 'AurenAgentErrorRateHigh',
    expr: `job_agent:auren_agent_errors:ratio_rate5m > 0.25 and on (job, ${agent}) job_agent:auren_agent_executions:rate5m * 300 >= 5`,
    for: '5m',
    severity: 'warning',
    summary: `{{ $labels.${agent} }} fails in {{ $value | humanizePercentage }} of its executions`,
    description: 'More than a quarter of at least five executions in five minutes ended with an error or a time-out.',
  },
  {
    name: 'AurenAgentAbsent',
    expr: `group by (job, ${agent}) (last_over_time(${metrics.executions}[1h])) unless on (job, ${agent}) group by (job, ${agent}) (${metrics.executions})`,
    for: '5m',
    severity: 'warning',
    summary: `{{ $labels.${agent} }} is gone`,
    description:
      'No process reports this agent any more, and one did within the last hour: it crashed, or was scaled to nothing.',
  },
  {
    name: 'AurenAgentSilent',
    expr: `sum by (job, ${agent}) (${metrics.activeAgents}) > 0 unless on (job, ${agent}) sum by (job, ${agent}) (increase(${metrics.executions}[30m]) or increase(${metrics.callDuration}_count[30m]) or increase(${metrics.toolCalls}[30m])) > 0`,
    for: '15m',
    severity: 'warning',
    summary: `{{ $labels.${agent} }} has begun something and says nothing`,
    description:
      'An execution is open, and for half an hour neither a model call, nor a tool, nor an execution has ended: it is stuck.',
  },
])

const models = alerts('llm', 'auren-llm', [
  {
    name: 'AurenLlmProviderErrors',
    expr: `provider_model:gen_ai_client_errors:ratio_rate5m > 0.10 and on (${provider}, ${model}) ${calls5m()} >= 10`,
    for: '5m',
    severity: 'warning',
    summary: `{{ $labels.${provider} }} {{ $labels.${model} }} refuses {{ $value | humanizePercentage }} of the calls`,
    description: 'More than 10 % of at least ten calls in five minutes ended with an error.',
  },
  {
    name: 'AurenLlmProviderDown',
    expr: `provider_model:gen_ai_client_errors:ratio_rate5m > 0.9 and on (${provider}, ${model}) ${calls5m()} >= 10`,
    for: '3m',
    severity: 'critical',
    summary: `{{ $labels.${provider} }} {{ $labels.${model} }} is down`,
    description: 'More than 90 % of at least ten calls in five minutes ended with an error.',
  },
  {
    name: 'AurenLlmFirstTokenSlow',
    expr: `histogram_quantile(0.95, sum by (le, ${provider}, ${model}) (rate(${metrics.firstChunk}_bucket[10m]))) > 5`,
    for: '10m',
    severity: 'warning',
    summary: `{{ $labels.${model} }} begins its answers after {{ $value | humanizeDuration }}`,
    description: '5 of 100 streamed answers begin later than five seconds after the request.',
  },
])

const cost = alerts('cost', 'auren-llm', [
  {
    name: 'AurenCostBudgetBurn',
    expr: `sum(rate(${metrics.cost}[1h])) * 86400 > 2 * ${budget} and sum(rate(${metrics.cost}[15m])) * 86400 > 2 * ${budget}`,
    for: '5m',
    severity: 'warning',
    summary: 'Agents spend {{ $value | humanize }} US dollars a day at the present rate',
    description:
      "Over the last hour and the last quarter of an hour, more than twice the day's budget was spent, reckoned for a day.",
  },
  {
    name: 'AurenCostBudgetExhausted',
    expr: `sum(increase(${metrics.cost}[1d])) >= ${budget}`,
    for: '1m',
    severity: 'critical',
    summary: "The day's budget is spent",
    description: 'Agents spent {{ $value | humanize }} US dollars in 24 hours.',
  },
  {
    name: 'AurenTokenSpike',
    expr: `sum by (${agent}) (rate(${metrics.tokens}_sum[10m])) > 4 * avg_over_time(agent:gen_ai_client_token_usage:rate5m[6h] offset 10m) and sum by (${agent}) (increase(${metrics.tokens}_sum[10m])) > 50000`,
    for: '10m',
    severity: 'warning',
    summary: `{{ $labels.${agent} }} uses four times the tokens it usually does`,
    description: 'A loop, or a history that nobody cuts: {{ $value | humanize }} tokens a second.',
  },
  {
    name: 'AurenUnpricedCalls',
    expr: `sum by (${model}) (increase(${metrics.unpricedCalls}[1h])) > 0`,
    for: '10m',
    severity: 'info',
    summary: `{{ $labels.${model} }} has no price`,
    description: 'Calls of this model are missing in every cost. A price file mends it.',
  },
])

const tools = alerts('tools', 'auren-tools-memory', [
  {
    name: 'AurenToolFailing',
    expr: `job_tool:auren_tool_errors:ratio_rate5m > 0.20 and on (job, ${tool}) sum by (job, ${tool}) (increase(${metrics.toolCalls}[10m])) >= 10`,
    for: '10m',
    severity: 'warning',
    summary: `{{ $labels.${tool} }} fails in {{ $value | humanizePercentage }} of its calls`,
    description: 'More than a fifth of at least ten calls in ten minutes ended with an error or a time-out.',
  },
])

const reads = `${metrics.memoryAccesses}{${memoryResult}=~"hit|miss"}`

const memory = alerts('memory', 'auren-tools-memory', [
  {
    name: 'AurenMemoryEffectivenessLow',
    expr: `job:auren_memory_hit:ratio_rate30m < 0.70 and on (job) sum by (job) (increase(${reads}[30m])) >= 100`,
    for: '15m',
    severity: 'warning',
    summary: 'Only {{ $value | humanizePercentage }} of the memory reads find something',
    description: 'Over at least a hundred reads in half an hour: memory is cold, or is asked for what it never held.',
  },
  {
    name: 'AurenMemoryTierHitRatioLow',
    expr: `job_tier:auren_memory_hit:ratio_rate30m{${memoryTier}="redis"} < 0.40 and on (job, ${memoryTier}) sum by (job, ${memoryTier}) (increase(${reads}[30m])) >= 100`,
    for: '15m',
    severity: 'info',
    summary: 'The first memory tier catches only {{ $value | humanizePercentage }} of the reads',
    description: 'The slower tiers do its work.',
  },
  {
    name: 'AurenMemorySlow',
    expr: `sum by (job, ${memoryTier}) (rate(${metrics.memoryDuration}_sum[15m])) / (sum by (job, ${memoryTier}) (rate(${metrics.memoryDuration}_count[15m])) > 0) > 0.05`,
    for: '15m',
    severity: 'warning',
    summary: `{{ $labels.${memoryTier} }} takes {{ $value | humanizeDuration }} on average`,
    description: 'Memory accesses of this tier take more than 50 ms on average.',
  },
])

const pipeline = alerts('pipeline', 'auren-pipeline', [
  {
    name: 'AurenTelemetryDropped',
    expr: `sum by (job, instance, ${label.dropReason}) (increase(${metrics.exporterDropped}[5m])) > 0`,
    severity: 'warning',
    summary: '{{ $labels.instance }} gave up events ({{ $labels.auren_drop_reason }})',
    description: '{{ $value | humanize }} events in five minutes. The feed holds a telemetry_gap that says when.',
  },
  {
    name: 'AurenExporterQueueNearFull',
    expr: `${metrics.queueSize} / ${metrics.queueCapacity} > 0.8`,
    for: '5m',
    severity: 'warning',
    summary: 'The queue of {{ $labels.instance }} is {{ $value | humanizePercentage }} full',
    description: 'The stream is away or too slow. When the queue is full, details are given up.',
  },
  {
    name: 'AurenStreamStale',
    expr: `min(${gateway.lastEventAge}) > 120 and on () sum(${metrics.activeAgents}) > 0`,
    for: '2m',
    severity: 'critical',
    summary: 'Agents work and nothing arrives: the newest event is {{ $value | humanizeDuration }} old',
    description: 'Running executions send heartbeats; no gateway has read one for two minutes.',
  },
  {
    name: 'AurenEventsMissed',
    expr: `sum by (job, instance) (increase(${gateway.missed}[5m])) > 0 or sum by (job, instance) (increase(${gateway.gaps}[5m])) > 0`,
    severity: 'warning',
    summary: '{{ $labels.instance }} missed events of the stream',
    description: 'The stream was trimmed, emptied or replaced before this gateway had read it. Clients were told.',
  },
  {
    name: 'AurenGatewayNotReady',
    expr: `${gateway.ready} == 0`,
    for: '2m',
    severity: 'critical',
    summary: '{{ $labels.instance }} cannot read the stream',
    description: 'Its clients see nothing new. `GET /readyz` says why.',
  },
  {
    name: 'AurenRedisMemoryHigh',
    expr: `${redis.memoryUsed} / (${redis.memoryLimit} > 0) > 0.8`,
    for: '5m',
    severity: 'warning',
    summary: 'Redis at {{ $labels.instance }} is {{ $value | humanizePercentage }} full',
    description: 'At its limit Redis refuses events. Raise maxmemory, or keep fewer events (?maxlen= of the stream).',
  },
  {
    name: 'AurenRedisEvicts',
    expr: `increase(${redis.evicted}[5m]) > 0`,
    severity: 'critical',
    summary: 'Redis at {{ $labels.instance }} evicts keys',
    description: 'The stream is one key, and may be the next. Set maxmemory-policy noeviction.',
  },
  {
    name: 'AurenStreamNearTrim',
    expr: `increase(${gateway.events}[10m]) > on (job, instance) 0.8 * ${gateway.streamMaxLength}`,
    for: '5m',
    severity: 'warning',
    summary: 'The stream holds barely ten minutes',
    description: 'A client that is away for longer loses events. Raise ?maxlen= of the stream, or send less.',
  },
])

const gateways = alerts('gateway', 'auren-pipeline', [
  {
    name: 'AurenGatewaySaturated',
    expr: `${gateway.connections} / ${gateway.connectionsLimit} > 0.8 or ${runtime.eventLoopDelay}{job="auren-gateway"} > 0.1`,
    for: '5m',
    severity: 'warning',
    summary: '{{ $labels.instance }} is near its limits',
    description:
      'More than 80 % of its connections are taken, or its event loop is late by more than 0.1 s. Start another gateway.',
  },
  {
    name: 'AurenGatewayDropping',
    expr: `${increase5m(gateway.dropped)} / (${increase5m(gateway.dropped)} + ${increase5m(gateway.deliveries)} > 0) > 0.01`,
    for: '5m',
    severity: 'warning',
    summary: '{{ $labels.instance }} does not send {{ $value | humanizePercentage }} of the events',
    description: 'Clients are too slow, or over their budget of events. They were told which they miss.',
  },
  {
    name: 'AurenDeliverySlow',
    expr: `histogram_quantile(0.99, sum by (le, job) (rate(${gateway.deliveryLatency}_bucket[10m]))) > 1`,
    for: '10m',
    severity: 'warning',
    summary: 'Events take {{ $value | humanizeDuration }} to clients',
    description: 'One event in a hundred is sent later than a second after the time it states.',
  },
])

const platform = alerts('platform', 'auren-pipeline', [
  {
    name: 'AurenTargetDown',
    expr: 'up{job=~"auren-.+"} == 0',
    for: '2m',
    severity: 'critical',
    summary: '{{ $labels.instance }} ({{ $labels.job }}) cannot be scraped',
    description: 'The process is gone, or its metrics port is not reachable.',
  },
  {
    name: 'AurenNoAgents',
    expr: 'absent(up{job="auren-agent"} or target_info{job=~"auren-.+", job!="auren-gateway"})',
    for: '5m',
    severity: 'critical',
    summary: 'Prometheus knows no agent process',
    description: 'Discovery finds none, and none pushes: see the targets page of Prometheus.',
  },
  {
    name: 'AurenDiscoveryFailing',
    expr: 'sum by (job, instance) (increase(prometheus_sd_http_failures_total[5m])) > 0',
    for: '5m',
    severity: 'warning',
    summary: 'Prometheus cannot ask a gateway where agent processes are',
    description: 'Processes that are known are still scraped; new ones are not found, and ended ones count as down.',
  },
  {
    name: 'AurenScrapeTooLarge',
    expr: 'scrape_samples_post_metric_relabeling{job=~"auren-.+"} > 10000',
    for: '15m',
    severity: 'warning',
    summary: '{{ $labels.instance }} shows {{ $value }} series',
    description: 'A label has more values than it should.',
  },
  {
    name: 'AurenWatchdog',
    expr: 'vector(1)',
    severity: 'none',
    summary: 'Alerting works',
    description: 'Always fires. Tell somebody when it stops: then nothing else can.',
  },
])

export const alertGroups: readonly RuleGroup[] = [agents, models, cost, tools, memory, pipeline, gateways, platform]

function burnAlerts(objective: Objective): AlertSpec[] {
  const title = objective.name === 'agent_errors' ? 'AurenAgentErrorBudgetBurn' : 'AurenAgentLatencyBudgetBurn'
  const burning = (pairs: (typeof burns)['fast' | 'slow']) =>
    pairs
      .map(({ long, short, factor }) => {
        const limit = Number((factor * objective.budget).toPrecision(6))
        const enough = `sum by (job) (increase(${metrics.executions}[${long}])) >= ${leastExecutions}`
        return `(${badRatioName(objective, long)} > ${limit} and ${badRatioName(objective, short)} > ${limit} and ${enough})`
      })
      .join(' or ')
  const percent = `${100 - objective.budget * 100} %`
  const description = `${percent} of the executions are to ${objective.what} over 30 days.`
  return [
    {
      name: `${title}Fast`,
      expr: burning(burns.fast),
      for: '2m',
      severity: 'critical',
      summary: `The error budget goes in hours: {{ $value | humanizePercentage }} of the executions do not ${objective.what}`,
      description,
    },
    {
      name: `${title}Slow`,
      expr: burning(burns.slow),
      for: '15m',
      severity: 'warning',
      summary: `The error budget goes in days: {{ $value | humanizePercentage }} of the executions do not ${objective.what}`,
      description,
    },
  ]
}

function calls5m(): string {
  return `sum by (${provider}, ${model}) (increase(${metrics.callDuration}_count[5m]))`
}

function increase5m(metric: string): string {
  return `sum by (job, instance) (increase(${metric}[5m]))`
}
