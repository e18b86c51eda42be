import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { AurenEventMetrics } from '../../src/exporters/event-metrics.ts'
import { prometheusText } from '../../src/exporters/prometheus-text.ts'
import { anEvent } from '../support/events.ts'

function recorder() {
  const reader = new PrometheusExporter({ preventServerStart: true })
  const provider = new MeterProvider({ readers: [reader] })
  onTestFinished(() => provider.shutdown())
  const metrics = new AurenEventMetrics(provider)
  return {
    record: (event: Partial<AurenEvent>) => metrics.record(anEvent({ payload: {}, ...event })),
    lines: async (start: string) => (await prometheusText(reader)).split('\n').filter((line) => line.startsWith(start)),
  }
}

describe('metrics from events', () => {
  it('counts executions by outcome, at 0 from the start of the first', async () => {
    const { record, lines } = recorder()
    record({ event_type: 'agent_execution_started', span_id: 'a' })
    expect(await lines('auren_agent_executions_total')).toEqual([
      'auren_agent_executions_total{gen_ai_agent_name="neuroscientist",auren_outcome="success"} 0',
      'auren_agent_executions_total{gen_ai_agent_name="neuroscientist",auren_outcome="error"} 0',
    ])
    expect(await lines('auren_agent_active')).toEqual(['auren_agent_active{gen_ai_agent_name="neuroscientist"} 1'])
    record({
      event_type: 'agent_execution_completed',
      span_id: 'a',
      payload: { success: true, session_duration_ms: 1_500 },
    })
    expect((await lines('auren_agent_executions_total'))[0]).toMatch(/ 1$/)
    expect((await lines('auren_agent_active'))[0]).toMatch(/ 0$/)
    expect((await lines('auren_agent_execution_duration_seconds_sum'))[0]).toMatch(/ 1.5$/)
  })

  it('never counts active executions below zero when a start was not seen', async () => {
    const { record, lines } = recorder()
    record({ event_type: 'agent_execution_completed', span_id: 'a' })
    expect(await lines('auren_agent_active')).toEqual([])
  })

  it('records calls with tokens, cost and time to first token, in seconds', async () => {
    const { record, lines } = recorder()
    const payload = {
      model: 'm-1',
      request_model: 'm',
      provider: 'openai',
      operation: 'chat',
      input_tokens: 100,
      output_tokens: 20,
      cost: 0.5,
      latency_ms: 300,
      time_to_first_token_ms: 40,
      success: true,
    }
    record({ payload })
    const labels =
      'gen_ai_agent_name="neuroscientist",gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="m"'
    expect(await lines('auren_cost_usd_total')).toEqual([`auren_cost_usd_total{${labels}} 0.5`])
    expect(await lines('gen_ai_client_operation_duration_seconds_sum')).toEqual([
      `gen_ai_client_operation_duration_seconds_sum{${labels}} 0.3`,
    ])
    expect(await lines('gen_ai_client_operation_time_to_first_chunk_seconds_sum')).toEqual([
      `gen_ai_client_operation_time_to_first_chunk_seconds_sum{${labels}} 0.04`,
    ])
    expect(await lines('gen_ai_client_token_usage_sum')).toEqual([
      `gen_ai_client_token_usage_sum{${labels},gen_ai_token_type="input"} 100`,
      `gen_ai_client_token_usage_sum{${labels},gen_ai_token_type="output"} 20`,
    ])
    expect((await lines('auren_llm_unpriced_calls_total'))[0]).toMatch(/ 0$/)
    record({ payload: { ...payload, cost: undefined } })
    expect((await lines('auren_llm_unpriced_calls_total'))[0]).toMatch(/ 1$/)
  })

  it.each([
    [{ success: true }, 'success'],
    [{ success: false, error_type: 'ETIMEDOUT' }, 'timeout'],
    [{ success: false, error_type: 'AbortError' }, 'cancelled'],
    [{ success: false, error_type: 'TypeError' }, 'error'],
  ])('gives a tool that ended with %j the outcome %s', async (end, outcome) => {
    const { record, lines } = recorder()
    record({ event_type: 'tool_usage', payload: { tool_name: 't', ...end } })
    expect((await lines('auren_tool_calls_total'))[0]).toContain(`auren_outcome="${outcome}"} 1`)
  })

  it('counts memory hits and misses apart, and neither when it is not known', async () => {
    const { record, lines } = recorder()
    for (const hit of [true, false, undefined]) {
      record({
        event_type: 'memory_tier_access',
        payload: { tier_accessed: 'redis', operation: 'search', cache_hit: hit, latency_ms: 2 },
      })
    }
    expect(
      (await lines('auren_memory_accesses_total')).map((line) => /result="(\w+)"\} (\d)/.exec(line)?.slice(1)),
    ).toEqual([
      ['hit', '1'],
      ['miss', '1'],
      ['none', '1'],
    ])
  })

  it('records figures of athletes without naming them, and counts each reading by severity', async () => {
    const { record, lines } = recorder()
    const current_values = { hrv_rmssd: 28, sleep_debt_hours: 9, recovery_score: 80, mood: 'good', steps: 4_000 }
    record({ event_type: 'biometric_analysis', user_id: 'user_7', payload: { current_values } })
    expect((await lines('auren_hrv_rmssd_milliseconds_sum'))[0]).toMatch(/_sum 28$/)
    expect((await lines('auren_sleep_debt_hours_sum'))[0]).toMatch(/_sum 9$/)
    expect((await lines('auren_recovery_score_sum'))[0]).toMatch(/_sum 80$/)
    expect((await lines('auren_kpi_readings_total')).filter((line) => line.endsWith(' 1'))).toEqual([
      'auren_kpi_readings_total{auren_kpi_name="hrv_rmssd",auren_kpi_severity="warning"} 1',
      'auren_kpi_readings_total{auren_kpi_name="sleep_debt_hours",auren_kpi_severity="critical"} 1',
      'auren_kpi_readings_total{auren_kpi_name="recovery_score",auren_kpi_severity="normal"} 1',
    ])
    record({
      event_type: 'biometric_analysis',
      payload: { current_values: { hrv_rmssd: NaN, recovery_score: 'high' } },
    })
    expect(await lines('auren_hrv_rmssd_milliseconds_count')).toEqual(['auren_hrv_rmssd_milliseconds_count 1'])
  })

  it('shows the cost of a model at 0 while its first call runs', async () => {
    const { record, lines } = recorder()
    record({ event_type: 'llm_call_started', payload: { model: 'm', provider: 'openai', operation: 'chat' } })
    expect((await lines('auren_cost_usd_total'))[0]).toMatch(/gen_ai_request_model="m"} 0$/)
  })

  it('counts values of a label beyond the cap as other, and never uses free text as an error type', async () => {
    const { record, lines } = recorder()
    for (let i = 0; i < 150; i += 1)
      record({ event_type: 'hypothesis_formation', source_agent: { id: `agent-${i}`, role: 'r' } })
    const found = await lines('auren_hypotheses_total')
    expect(found).toHaveLength(101)
    expect(found).toContain('auren_hypotheses_total{gen_ai_agent_name="other"} 50')
    record({ payload: { success: false, error_type: 'user ann@example.org not found', latency_ms: 1 } })
    expect((await lines('gen_ai_client_operation_duration_seconds_count')).join()).toContain('error_type="_OTHER"')
  })

  it('has no label that names a user, a session or a trace', async () => {
    const { record, lines } = recorder()
    record({ user_id: 'ann-the-user', session_id: 'the-session', trace_id: 'the-trace', payload: { model: 'm' } })
    expect((await lines('')).join('\n')).not.toMatch(/ann-the-user|the-session|the-trace/)
  })
})
