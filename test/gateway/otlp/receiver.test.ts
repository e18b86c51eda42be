import { context, trace } from '@opentelemetry/api'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base'
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AurenEvent } from '../../../src/events/event.ts'
import { aToken, secret } from '../../support/gateway.ts'
import {
  aReceiver,
  agent,
  chat,
  childId,
  fixture,
  json,
  parentId,
  protobuf,
  request,
  span,
} from '../../support/otlp-receiver.ts'
import { until } from '../../support/until.ts'
import { signIn } from '../../support/ws-client.ts'

describe('the OTLP receiver', () => {
  it.each([
    ['JSON', 'otel-openai/tool-loop-nocontent.json', json],
    ['protobuf', 'otel-openai/tool-loop-nocontent.pb', protobuf],
  ])('takes recorded spans as %s, and gives them to live clients', async (_name, file, type) => {
    const { url, post, stored } = await aReceiver()
    const client = await signIn(url)
    const response = await post(fixture(file), { 'content-type': type })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toContain(type)
    expect(await response.text()).toBe(type === json ? '{}' : '')
    await client.next('stream_event', 1)
    const events = await stored()
    expect(events.map(({ payload }) => [payload['input_tokens'], payload['output_tokens']])).toEqual([[100, 100], [191, 98]]) // prettier-ignore
    expect(client.events()).toEqual(events)
  })

  it('reads both encodings of one run alike', async () => {
    const run = async (file: string, type: string) => {
      const { post, stored } = await aReceiver()
      await post(fixture(file), { 'content-type': type })
      await until('all is written', async () => (await stored()).length === 12)
      return stored()
    }
    expect(await run('ai-sdk-v7/agent-handoff.pb', protobuf)).toEqual(await run('ai-sdk-v7/agent-handoff.json', json))
  })

  it.each([
    ['JSON', (url: string) => new JsonExporter({ url })],
    ['protobuf', (url: string) => new ProtobufExporter({ url })],
    ['protobuf with gzip', (url: string) => new ProtobufExporter({ url, compression: CompressionAlgorithm.GZIP })],
  ])('takes what the exporter of the JS SDK sends as %s', async (_name, create) => {
    const { url, types } = await aReceiver()
    const provider = new TracerProvider({
      spanProcessors: [new SimpleSpanProcessor({ exporter: create(`${url}/v1/traces`) })],
    })
    onTestFinished(() => provider.shutdown())
    const tracer = provider.getTracer('test')
    const lead = tracer.startSpan('lead', { attributes: agent })
    tracer.startSpan('chat', { attributes: chat }, trace.setSpan(context.active(), lead)).end()
    lead.end()
    await until('both are written', async () => (await types()).length === 2)
    expect((await types()).toSorted()).toEqual(['agent_execution_completed', 'llm_call'])
  })

  it('publishes a span without an end as a start, and the whole span as the end', async () => {
    const { post, stored } = await aReceiver()
    for (const end of [0, 1_795_000_001_000]) await post(request(span({ id: childId, end, ...chat })))
    await until('both are written', async () => (await stored()).length === 2)
    expect(await stored()).toMatchObject([
      { event_type: 'llm_call_started', timestamp: '2026-11-18T11:06:40.000+00:00', span_id: childId },
      { event_type: 'llm_call', timestamp: '2026-11-18T11:06:41.000+00:00', payload: { latency_ms: 1_000 } },
    ])
  })

  it('leaves a start out that comes after its end', async () => {
    const { post, types } = await aReceiver()
    for (const end of [1_795_000_001_000, 0]) await post(request(span({ id: childId, end, ...chat })))
    await post(request(span({ ...agent })))
    await until('the last is written', async () => (await types()).length === 2)
    expect(await types()).toEqual(['llm_call', 'agent_execution_completed'])
  })

  it('gives no second event, count or cost for spans that are sent again', async () => {
    const { url, post, types } = await aReceiver()
    const body = fixture('ai-sdk-v7/agent-handoff.json')
    for (let i = 0; i < 3; i += 1) expect((await post(body)).status).toBe(200)
    await post(request(span({ ...chat })))
    await until('the last is written', async () => (await types()).length === 13)
    const page = await (await fetch(`${url}/metrics`)).text()
    expect(page).toMatch(/auren_agent_executions_total\{gen_ai_agent_name="neuroscientist",auren_outcome="success"\} 1/)
  })

  it.each([
    ['in one request', (child: unknown, lead: unknown) => [request(child, lead)]],
    ['in two requests', (child: unknown, lead: unknown) => [request(child), request(lead)]],
    [
      'with the agent first, as a start',
      (child: unknown, lead: unknown) => [
        request(span({ id: parentId, end: 0, ...agent })),
        request(child),
        request(lead),
      ],
    ],
  ])('attributes a child that comes before its agent has ended: %s', async (_name, bodies) => {
    const { post, stored } = await aReceiver()
    for (const body of bodies(span({ id: childId, parent: parentId, ...chat }), span({ id: parentId, ...agent })))
      await post(body)
    const done = await until('the agent is completed', async () => {
      return (await stored()).find(({ event_type: type }) => type === 'agent_execution_completed')
    })
    const call = (await stored()).find(({ event_type: type }) => type === 'llm_call')
    expect(call).toMatchObject({ source_agent: { id: 'lead' } })
    expect(done.payload).toMatchObject({ llm_calls_made: 1 })
  })

  it('lets a child of nobody it knows go after a short wait, without an agent', async () => {
    const { post, stored } = await aReceiver()
    await post(request(span({ id: childId, parent: parentId, ...chat })))
    expect(await stored()).toEqual([])
    const [call] = await until('it is written', async () => (await stored()).length === 1 && stored())
    expect(call).toMatchObject({ event_type: 'llm_call', source_agent: null, parent_span_id: parentId })
  })

  it('takes the tenant from the token and from nowhere else', async () => {
    const { post, stored } = await aReceiver({ jwtSecret: secret })
    const token = await aToken({ tenant_id: 'red', permissions: ['ingest'] })
    const claiming = span({ ...chat, tenant_id: 'blue', 'auren.tenant.id': 'blue' })
    expect((await post(request(claiming), { authorization: `Bearer ${token}` })).status).toBe(200)
    const [event] = await until('it is written', async () => (await stored()).length === 1 && stored())
    expect(event?.tenant_id).toBe('red')
  })

  it('shows content only when it is captured', async () => {
    const { post, stored } = await aReceiver()
    await post(request(span({ ...chat, 'gen_ai.input.messages': 'what was said' })))
    const events: readonly AurenEvent[] = await until(
      'it is written',
      async () => (await stored()).length === 1 && stored(),
    )
    expect(JSON.stringify(events)).not.toContain('what was said')
  })
})
