import { execFileSync } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { freePort } from '../support/free-port.ts'
import { serveHttp } from '../support/http-server.ts'
import { startOpenAiServer } from '../support/openai-server.ts'
import { startGatewayProcess, startNode, temporaryLog } from '../support/processes.ts'
import { startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { signIn } from '../support/ws-client.ts'

const streams = {
  redis: async () => (await startRedis()).url,
  sqlite: () => Promise.resolve(temporaryLog()),
}

function startAgent(stream: string, openAi: string, env: Readonly<Record<string, string>> = {}) {
  return startNode(['--import', 'auren-observability/register', 'test/e2e/agents/openai-agent.ts'], {
    AUREN_STREAM_URL: stream,
    OPENAI_BASE_URL: openAi,
    OTEL_SERVICE_NAME: 'recovery-lab',
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    ...env,
  })
}

describe.each(Object.entries(streams))('the real openai package, over %s', (_name, create) => {
  it('reaches a WebSocket client as calls of the right agent, with tokens and cost', async () => {
    const stream = await create()
    const gateway = await startGatewayProcess(stream)
    const client = await signIn(gateway.url, { protocol_version: 1 })
    const agent = startAgent(stream, await startOpenAiServer())
    expect(await agent.exited()).toBe(0)
    await until('the run is completed', () =>
      client.events().some(({ event_type: type }) => type === 'agent_execution_completed'),
    )
    // On a busy machine the run may last until a heartbeat.
    const events = client.events().filter(({ event_type: type }) => type !== 'heartbeat')

    expect(events.map(({ event_type: type }) => type)).toEqual([
      'agent_execution_started',
      ...['llm_call_started', 'llm_call'],
      ...['llm_call_started', 'llm_call'],
      ...['llm_call_started', 'llm_call'],
      ...['tool_usage_started', 'tool_usage'],
      ...['llm_call_started', 'llm_call'],
      'agent_execution_completed',
    ])
    for (const event of events) {
      expect(event).toMatchObject({
        source_agent: { id: 'neuroscientist', role: 'Neuroscientist' },
        session_id: 'session-1',
        user_id: 'user-1',
        metadata: { service: 'recovery-lab' },
      })
    }
    expect(new Set(events.map(({ trace_id: id }) => id)).size).toBe(1)

    const [chat, streamed, toolCall, failed] = events.filter(({ event_type: type }) => type === 'llm_call')
    // 1,000 input tokens at $0.25 and 100 output tokens at $2 a million.
    const billed = {
      input_tokens: 1_000,
      output_tokens: 100,
      tokens_used: 1_100,
      cost: 0.00045,
      cost_source: 'price_table',
    }
    const model = { model: 'gpt-5-mini-2025-08-07', provider: 'openai', operation: 'chat', success: true }
    expect(chat?.payload).toMatchObject({ ...model, ...billed, finish_reasons: ['stop'] })
    expect(streamed?.payload).toMatchObject({ ...model, ...billed, finish_reasons: ['stop'] })
    expect(toolCall?.payload).toMatchObject({ ...model, ...billed, finish_reasons: ['tool_calls'] })
    expect(failed?.payload).toMatchObject({ success: false, error_type: 'RateLimitError' })
    expect(failed?.payload).not.toHaveProperty('cost')
    expect(events.at(-1)?.payload).toMatchObject({
      llm_calls_made: 4,
      tools_used: 1,
      tokens_used: 3_300,
      own_cost: expect.closeTo(0.00135, 8) as number,
      delegated_cost: 0,
    })
    expect(JSON.stringify(events)).not.toContain('wait 20')
  })

  it('shows that a call has begun while the model still works on its answer', async () => {
    const stream = await create()
    const gateway = await startGatewayProcess(stream)
    const client = await signIn(gateway.url, { protocol_version: 1 })
    const agent = startAgent(stream, await startOpenAiServer(), { CALL_MS: '600000' })
    const types = () => client.events().map(({ event_type: type }) => type)
    await until('the call has begun', () => types().includes('llm_call_started'))
    expect(types()).not.toContain('llm_call')
    expect(agent.child.exitCode).toBeNull()
  })
})

describe('what operators see of it', () => {
  it('stands in Redis in the layout of the predecessor', async () => {
    const redis = await startRedis()
    expect(await startAgent(redis.url, await startOpenAiServer()).exited()).toBe(0)
    const shown = execFileSync(
      'redis-cli',
      ['-p', String(redis.port), 'XRANGE', 'auren:events', '-', '+', 'COUNT', '2'],
      { encoding: 'utf8' },
    )
    const [, call = ''] = shown.split(/^\d+-\d+\n/m).slice(1)
    const lines = call.trim().split('\n')
    const fields = Object.fromEntries(
      lines.flatMap((name, index) => (index % 2 === 0 ? [[name, lines[index + 1] ?? '']] : [])),
    )
    expect(Object.keys(fields)).toEqual([
      'event_id', 'trace_id', 'session_id', 'timestamp', 'event_type', 'source_agent', 'target_agent',
      'payload', 'metadata', 'user_id', 'span_id', 'parent_span_id', 'tenant_id',
    ]) // prettier-ignore
    expect(fields).toMatchObject({
      event_type: 'llm_call_started',
      session_id: 'session-1',
      user_id: 'user-1',
      target_agent: '{}',
      tenant_id: '',
    })
    expect(JSON.parse(fields['source_agent'] ?? '')).toMatchObject({ id: 'neuroscientist', role: 'Neuroscientist' })
    expect(fields['timestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/)
  })

  it('stands in the Prometheus text of the agent, once, under its agent', async () => {
    const port = String(await freePort())
    const env = { STAY: '1', OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1', OTEL_EXPORTER_PROMETHEUS_PORT: port }
    startAgent(temporaryLog(), await startOpenAiServer(), env)
    const page = await until('the run is counted', async () => {
      const text = await fetch(`http://127.0.0.1:${port}/metrics`).then((response) => response.text(), () => '') // prettier-ignore
      return /auren_agent_executions_total\{.*"success"\} 1/.test(text) && text
    })
    const model =
      'gen_ai_agent_name="neuroscientist",gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-5-mini"'
    const value = (series: string) =>
      Number(
        page
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.split(' ')[1],
      )
    expect(value(`auren_cost_usd_total{${model}}`)).toBeCloseTo(0.00135, 8)
    expect(value(`gen_ai_client_operation_duration_seconds_count{${model}}`)).toBe(3)
    expect(value(`gen_ai_client_operation_duration_seconds_count{${model},error_type="RateLimitError"}`)).toBe(1)
    expect(value(`gen_ai_client_token_usage_sum{${model},gen_ai_token_type="input"}`)).toBe(3_000)
    expect(page).toContain('target_info{service_name="recovery-lab"')
    expect(page.match(/^# TYPE gen_ai_client_operation_duration/gm)).toHaveLength(1)
  })
})

describe('the agent process beside the gateway', () => {
  it('goes on and ends well when the gateway is killed', async () => {
    const stream = temporaryLog()
    const gateway = await startGatewayProcess(stream)
    const agent = startAgent(stream, await startOpenAiServer(), { CALL_MS: '1500' })
    gateway.child.kill('SIGKILL')
    expect(await agent.exited()).toBe(0)
    expect(agent.stderr()).toBe('')
    const { url } = await startGatewayProcess(stream)
    const client = await signIn(url)
    client.send({ type: 'get_recent' })
    const { events } = await client.next('recent_events')
    expect((events as AurenEvent[])[0]?.event_type).toBe('agent_execution_completed')
  })

  it('does not disturb the gateway when it is killed', async () => {
    const stream = temporaryLog()
    const gateway = await startGatewayProcess(stream)
    const client = await signIn(gateway.url, { protocol_version: 1 })
    const openAi = await startOpenAiServer()
    const killed = startAgent(stream, openAi, { CALL_MS: '60000' })
    await client.next('stream_event', 1)
    killed.child.kill('SIGKILL')
    await killed.exited()
    expect(await startAgent(stream, openAi).exited()).toBe(0)
    const isEnd = ({ event_type: type }: AurenEvent) => type === 'agent_execution_completed'
    await until('the next run is completed', () => client.events().some(isEnd))
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200)
  })
})

describe('metrics that the instrumentation records as well', () => {
  it('are counted once where they are pushed', async () => {
    const pushed = await startMetricsSink()
    const openAi = await startOpenAiServer()
    const agent = startAgent(temporaryLog(), openAi, {
      STAY: 'true',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: pushed.url,
      OTEL_METRIC_EXPORT_INTERVAL: '200',
      OTEL_METRIC_EXPORT_TIMEOUT: '200',
    })
    await until('all four calls are pushed', () => pushed.count('gen_ai.client.operation.duration') >= 4)
    expect(pushed.count('gen_ai.client.operation.duration')).toBe(4)
    agent.child.kill()
  })
})

/** Takes OTLP metrics as JSON; `count` is the newest count of a histogram over all scopes and attributes. */
async function startMetricsSink() {
  let newest: OtlpMetrics = {}
  const origin = await serveHttp((request, response) => {
    const take = (body: string) => {
      newest = JSON.parse(body) as OtlpMetrics
      response.end('{}')
    }
    // A push that was given up, or whose process has ended, has half a body.
    text(request).then(take, () => response.destroy())
  })
  const points = (name: string) =>
    (newest.resourceMetrics ?? [])
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap(({ metrics }) => metrics)
      .filter((metric) => metric.name === name)
      .flatMap(({ histogram }) => histogram?.dataPoints ?? [])
  return {
    url: `${origin}/v1/metrics`,
    count: (name: string) => points(name).reduce((sum, { count }) => sum + Number(count), 0),
  }
}

interface OtlpMetrics {
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string
        readonly histogram?: { readonly dataPoints: readonly { readonly count: number | string }[] }
      }[]
    }[]
  }[]
}
