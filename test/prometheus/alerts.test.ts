import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { describe, expect, it } from 'vitest'
import { alertGroups } from '../../prometheus/src/alerts.ts'
import { ruleFiles } from '../../prometheus/src/rule-files.ts'
import { root, temporaryFolder } from '../support/processes.ts'
import { requireProgram } from '../support/programs.ts'

interface Scenario {
  readonly what: string
  /** Series in promtool's notation, one sample a minute: `0+10x60` rises by 10 for an hour. */
  readonly series: Readonly<Record<string, string>>
  readonly at: string
  readonly fires: readonly string[]
}

const agent = 'job="auren-agent",gen_ai_agent_name="coach"'
const model = 'job="auren-agent",gen_ai_agent_name="coach",gen_ai_provider_name="openai",gen_ai_request_model="gpt"'
const ok = 'auren_outcome="success"'
const failed = 'auren_outcome="error"'
const tier = 'job="auren-agent",auren_memory_tier="redis"'
const gateway = 'job="auren-gateway",instance="gateway:9465"'

/** A crew and a gateway that are well: what every other scenario starts from. */
const healthy: Readonly<Record<string, string>> = {
  'up{job="auren-agent",instance="a:9464"}': '1x240',
  'up{job="auren-gateway",instance="gateway:9465"}': '1x240',
  [`auren_agent_executions_total{${agent},${ok}}`]: '0+60x240',
  [`auren_agent_executions_total{${agent},${failed}}`]: '0x240',
  [`auren_agent_execution_duration_seconds_bucket{${agent},le="12.8"}`]: '0+60x240',
  [`auren_agent_execution_duration_seconds_count{${agent}}`]: '0+60x240',
  [`auren_agent_active{${agent}}`]: '1x240',
  [`gen_ai_client_operation_duration_seconds_count{${model}}`]: '0+60x240',
  [`gen_ai_client_operation_duration_seconds_count{${model},error_type="429"}`]: '0x240',
  [`gen_ai_client_operation_time_to_first_chunk_seconds_bucket{${model},le="0.64"}`]: '0+60x240',
  [`gen_ai_client_operation_time_to_first_chunk_seconds_bucket{${model},le="+Inf"}`]: '0+60x240',
  [`gen_ai_client_token_usage_sum{${model}}`]: '0+6000x240',
  [`auren_cost_usd_total{${model}}`]: '0+0.01x240',
  [`auren_llm_unpriced_calls_total{${model}}`]: '0x240',
  'auren_cost_budget_usd{job="auren-gateway",auren_budget_period="day"}': '20x240',
  'auren_tool_calls_total{job="auren-agent",gen_ai_tool_name="plan",auren_outcome="success"}': '0+10x240',
  'auren_tool_calls_total{job="auren-agent",gen_ai_tool_name="plan",auren_outcome="error"}': '0x240',
  [`auren_memory_accesses_total{${tier},auren_memory_result="hit"}`]: '0+90x240',
  [`auren_memory_accesses_total{${tier},auren_memory_result="miss"}`]: '0+10x240',
  [`auren_memory_access_duration_seconds_sum{${tier}}`]: '0+0.2x240',
  [`auren_memory_access_duration_seconds_count{${tier}}`]: '0+100x240',
  'auren_exporter_dropped_total{job="auren-agent",instance="a:9464",auren_drop_reason="queue_full"}': '0x240',
  'auren_exporter_queue_size{job="auren-agent",instance="a:9464"}': '5x240',
  'auren_exporter_queue_capacity{job="auren-agent",instance="a:9464"}': '10000x240',
  [`auren_stream_last_event_age_seconds{${gateway}}`]: '2x240',
  [`auren_stream_maxlen{${gateway}}`]: '50000x240',
  [`auren_gateway_ready{${gateway}}`]: '1x240',
  [`auren_gateway_events_total{${gateway}}`]: '0+300x240',
  [`auren_gateway_deliveries_total{${gateway}}`]: '0+3000x240',
  [`auren_gateway_dropped_total{${gateway},auren_drop_reason="slow_consumer"}`]: '0x240',
  [`auren_gateway_missed_entries_total{${gateway}}`]: '0x240',
  [`auren_gateway_log_gaps_total{${gateway},reason="trimmed"}`]: '0x240',
  [`auren_gateway_connections{${gateway}}`]: '100x240',
  [`auren_gateway_connections_limit{${gateway}}`]: '1000x240',
  [`auren_gateway_delivery_latency_seconds_bucket{${gateway},le="0.16"}`]: '0+300x240',
  [`auren_gateway_delivery_latency_seconds_bucket{${gateway},le="+Inf"}`]: '0+300x240',
  [`nodejs_eventloop_delay_p99_seconds{${gateway}}`]: '0.012x240',
  'scrape_samples_post_metric_relabeling{job="auren-agent",instance="a:9464"}': '300x240',
  'prometheus_sd_http_failures_total{job="prometheus",instance="localhost:9090"}': '2x240',
  'redis_memory_used_bytes{job="auren-redis",instance="one:9121"}': '50x240',
  'redis_memory_max_bytes{job="auren-redis",instance="one:9121"}': '100x240',
  'redis_memory_used_bytes{job="auren-redis",instance="unlimited:9121"}': '90x240',
  'redis_memory_max_bytes{job="auren-redis",instance="unlimited:9121"}': '0x240',
  'redis_evicted_keys_total{job="auren-redis",instance="one:9121"}': '0x240',
}

/** Nobody works: what is counted stays where it is. */
const idle: Readonly<Record<string, string>> = {
  [`auren_agent_executions_total{${agent},${ok}}`]: '0x240',
  [`auren_agent_execution_duration_seconds_bucket{${agent},le="12.8"}`]: '0x240',
  [`auren_agent_execution_duration_seconds_count{${agent}}`]: '0x240',
  [`auren_agent_active{${agent}}`]: '0x240',
  [`gen_ai_client_operation_duration_seconds_count{${model}}`]: '0x240',
}

const scenarios: readonly Scenario[] = [
  { what: 'is quiet over hours in which all is well', series: {}, at: '2h', fires: [] },
  {
    what: 'is quiet when nobody works, and when nobody set a budget',
    series: { ...idle, 'auren_cost_budget_usd{job="auren-gateway",auren_budget_period="day"}': '_x240' },
    at: '2h',
    fires: [],
  },
  {
    what: 'pages when a third of the executions fail',
    series: { [`auren_agent_executions_total{${agent},${failed}}`]: '0+30x240' },
    at: '2h',
    fires: ['AurenAgentErrorBudgetBurnFast', 'AurenAgentErrorBudgetBurnSlow', 'AurenAgentErrorRateHigh'],
  },
  {
    what: 'warns, and pages nobody, when 4 % fail for hours',
    series: { [`auren_agent_executions_total{${agent},${failed}}`]: '0+2.5x240' },
    at: '2h',
    fires: ['AurenAgentErrorBudgetBurnSlow'],
  },
  {
    what: 'does not wake anybody for one bad night-time execution',
    series: { ...idle, [`auren_agent_executions_total{${agent},${failed}}`]: '0x20 1x240' },
    at: '2h',
    fires: [],
  },
  {
    what: 'pages when most executions are slow',
    series: { [`auren_agent_execution_duration_seconds_bucket{${agent},le="12.8"}`]: '0+6x240' },
    at: '2h',
    fires: ['AurenAgentLatencyBudgetBurnFast', 'AurenAgentLatencyBudgetBurnSlow'],
  },
  {
    what: 'tells of an agent whose process is gone',
    series: {
      [`auren_agent_executions_total{${agent},${ok}}`]: '0+60x60 stale',
      [`auren_agent_executions_total{${agent},${failed}}`]: '0x60 stale',
      [`auren_agent_active{${agent}}`]: '1x60 stale',
    },
    at: '80m',
    fires: ['AurenAgentAbsent'],
  },
  {
    what: 'tells of an agent that began something and is stuck',
    series: {
      ...idle,
      [`auren_agent_active{${agent}}`]: '1x240',
      [`auren_tool_calls_total{job="auren-agent",gen_ai_agent_name="coach",gen_ai_tool_name="x",${ok}}`]: '5x240',
    },
    at: '90m',
    fires: ['AurenAgentSilent'],
  },
  {
    what: 'tells of a provider that refuses one call in five',
    series: { [`gen_ai_client_operation_duration_seconds_count{${model},error_type="429"}`]: '0+15x240' },
    at: '1h',
    fires: ['AurenLlmProviderErrors'],
  },
  {
    what: 'pages when a provider is down',
    series: {
      [`gen_ai_client_operation_duration_seconds_count{${model}}`]: '0x240',
      [`gen_ai_client_operation_duration_seconds_count{${model},error_type="500"}`]: '0+30x240',
    },
    at: '1h',
    fires: ['AurenLlmProviderDown', 'AurenLlmProviderErrors'],
  },
  {
    what: 'tells of answers that begin late',
    series: {
      [`gen_ai_client_operation_time_to_first_chunk_seconds_bucket{${model},le="0.64"}`]: '0x240',
      [`gen_ai_client_operation_time_to_first_chunk_seconds_bucket{${model},le="10.24"}`]: '0+60x240',
    },
    at: '1h',
    fires: ['AurenLlmFirstTokenSlow'],
  },
  {
    what: 'tells of spending at three times the budget',
    series: { [`auren_cost_usd_total{${model}}`]: '0+0.042x240' },
    at: '2h',
    fires: ['AurenCostBudgetBurn'],
  },
  {
    what: 'pages when the budget of a day is spent',
    series: { [`auren_cost_usd_total{${model}}`]: '0x60 0+2x240' },
    at: '75m',
    fires: ['AurenCostBudgetBurn', 'AurenCostBudgetExhausted'],
  },
  {
    what: 'tells of an agent that uses six times its tokens',
    series: { [`gen_ai_client_token_usage_sum{${model}}`]: '0+2000x120 240000+60000x60' },
    at: '145m',
    fires: ['AurenTokenSpike'],
  },
  {
    what: 'tells of a model without a price',
    series: { [`auren_llm_unpriced_calls_total{${model}}`]: '0+1x240' },
    at: '1h',
    fires: ['AurenUnpricedCalls'],
  },
  {
    what: 'tells of a tool that fails in half of its calls',
    series: { 'auren_tool_calls_total{job="auren-agent",gen_ai_tool_name="plan",auren_outcome="error"}': '0+10x240' },
    at: '1h',
    fires: ['AurenToolFailing'],
  },
  {
    what: 'tells of memory that finds a third of what it is asked for',
    series: {
      [`auren_memory_accesses_total{${tier},auren_memory_result="hit"}`]: '0+30x240',
      [`auren_memory_accesses_total{${tier},auren_memory_result="miss"}`]: '0+70x240',
    },
    at: '2h',
    fires: ['AurenMemoryEffectivenessLow', 'AurenMemoryTierHitRatioLow'],
  },
  {
    what: 'is quiet about a cold memory that is hardly asked',
    series: {
      [`auren_memory_accesses_total{${tier},auren_memory_result="hit"}`]: '0x240',
      [`auren_memory_accesses_total{${tier},auren_memory_result="miss"}`]: '0+1x240',
    },
    at: '2h',
    fires: [],
  },
  {
    what: 'tells of a slow memory tier',
    series: { [`auren_memory_access_duration_seconds_sum{${tier}}`]: '0+8x240' },
    at: '1h',
    fires: ['AurenMemorySlow'],
  },
  {
    what: 'tells of events that a process gave up',
    series: {
      'auren_exporter_dropped_total{job="auren-agent",instance="a:9464",auren_drop_reason="queue_full"}': '0x30 0+5x60',
    },
    at: '40m',
    fires: ['AurenTelemetryDropped'],
  },
  {
    what: 'tells of a queue that is nearly full',
    series: { 'auren_exporter_queue_size{job="auren-agent",instance="a:9464"}': '9000x240' },
    at: '1h',
    fires: ['AurenExporterQueueNearFull'],
  },
  {
    what: 'pages when agents work and nothing arrives',
    series: { [`auren_stream_last_event_age_seconds{${gateway}}`]: '0+60x240' },
    at: '1h',
    fires: ['AurenStreamStale'],
  },
  {
    what: 'tells of events that were trimmed unread',
    series: { [`auren_gateway_missed_entries_total{${gateway}}`]: '0x30 400x30' },
    at: '32m',
    fires: ['AurenEventsMissed'],
  },
  {
    what: 'pages when a gateway cannot read the stream',
    series: { [`auren_gateway_ready{${gateway}}`]: '0x240' },
    at: '1h',
    fires: ['AurenGatewayNotReady'],
  },
  {
    what: 'tells of a Redis that is nearly full, and not of one without a limit',
    series: { 'redis_memory_used_bytes{job="auren-redis",instance="one:9121"}': '90x240' },
    at: '1h',
    fires: ['AurenRedisMemoryHigh'],
  },
  {
    what: 'pages when Redis evicts keys',
    series: { 'redis_evicted_keys_total{job="auren-redis",instance="one:9121"}': '0x30 1x30' },
    at: '32m',
    fires: ['AurenRedisEvicts'],
  },
  {
    what: 'tells of a stream that holds less than ten minutes',
    series: { [`auren_gateway_events_total{${gateway}}`]: '0+6000x240' },
    at: '1h',
    fires: ['AurenStreamNearTrim'],
  },
  {
    what: 'tells of a gateway with hardly a connection left',
    series: { [`auren_gateway_connections{${gateway}}`]: '900x240' },
    at: '1h',
    fires: ['AurenGatewaySaturated'],
  },
  {
    what: 'tells of a gateway whose event loop is late',
    series: { [`nodejs_eventloop_delay_p99_seconds{${gateway}}`]: '0.3x240' },
    at: '1h',
    fires: ['AurenGatewaySaturated'],
  },
  {
    what: 'tells of clients that do not get what they should',
    series: { [`auren_gateway_dropped_total{${gateway},auren_drop_reason="slow_consumer"}`]: '0+300x240' },
    at: '1h',
    fires: ['AurenGatewayDropping'],
  },
  {
    what: 'tells of slow delivery',
    series: {
      [`auren_gateway_delivery_latency_seconds_bucket{${gateway},le="0.16"}`]: '0x240',
      [`auren_gateway_delivery_latency_seconds_bucket{${gateway},le="2.56"}`]: '0+300x240',
    },
    at: '1h',
    fires: ['AurenDeliverySlow'],
  },
  {
    what: 'pages when a process cannot be scraped',
    series: { 'up{job="auren-agent",instance="a:9464"}': '0x240' },
    at: '1h',
    fires: ['AurenTargetDown'],
  },
  {
    what: 'pages when Prometheus knows no agent',
    series: { 'up{job="auren-agent",instance="a:9464"}': '_x240' },
    at: '1h',
    fires: ['AurenNoAgents'],
  },
  {
    what: 'is quiet where agents push and none is scraped',
    series: {
      'up{job="auren-agent",instance="a:9464"}': '_x240',
      'target_info{job="auren-coach",instance="51d5db81"}': '1x240',
    },
    at: '1h',
    fires: [],
  },
  {
    what: 'tells of a gateway that cannot be asked where agents are',
    series: { 'prometheus_sd_http_failures_total{job="prometheus",instance="localhost:9090"}': '0x30 0+4x90' },
    at: '45m',
    fires: ['AurenDiscoveryFailing'],
  },
  {
    what: 'tells of a process with too many series',
    series: { 'scrape_samples_post_metric_relabeling{job="auren-agent",instance="a:9464"}': '12000x240' },
    at: '1h',
    fires: ['AurenScrapeTooLarge'],
  },
]

describe('the rules for Prometheus', () => {
  it('are what the code makes: npm run generate', () => {
    for (const [name, text] of ruleFiles())
      expect(readFileSync(join(root, 'prometheus/rules', name), 'utf8')).toBe(text)
  })

  it.each([
    ['check', 'config', '--lint=all', '--lint-fatal', 'prometheus.yml'],
    ['check', 'rules', '--lint=all', '--lint-fatal', 'prometheus/rules/alerts.yml', 'prometheus/rules/recording.yml'],
  ])('pass promtool %s %s', (...args) => {
    expect(promtool(args)).toContain('SUCCESS')
  })

  it.each(scenarios)('alerting $what', ({ series, at, fires }) => {
    const values = { ...healthy, ...series }
    const test = {
      rule_files: ['alerts.yml', 'recording.yml'].map((name) => join(root, 'prometheus/rules', name)),
      evaluation_interval: '2m',
      tests: [
        {
          interval: '1m',
          input_series: Object.entries(values).map(([name, samples]) => ({ series: name, values: samples })),
          promql_expr_test: [
            {
              expr: 'count by (alertname) (ALERTS{alertstate="firing", alertname!="AurenWatchdog"})',
              eval_time: at,
              exp_samples: fires.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
            },
          ],
        },
      ],
    }
    const file = join(temporaryFolder(), 'test.yml')
    writeFileSync(file, stringify(test))
    expect(promtool(['test', 'rules', file])).toContain('SUCCESS')
  })

  it('have a scenario for each alert, and an entry in the runbook', () => {
    const names = alertGroups.flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : [])))
    const fired = new Set(scenarios.flatMap(({ fires }) => fires))
    expect(names.filter((name) => !fired.has(name))).toEqual(['AurenWatchdog'])
    const headings = [...readFileSync(join(root, 'docs/alerts.md'), 'utf8').matchAll(/^### (\w+)$/gm)].map(
      ([, name]) => name,
    )
    expect(headings.toSorted()).toEqual(names.toSorted())
  })
})

function promtool(args: readonly string[]): string {
  try {
    return execFileSync(requireProgram('promtool', 'prometheus'), args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string }
    throw new Error(stdout + stderr, { cause: error })
  }
}
