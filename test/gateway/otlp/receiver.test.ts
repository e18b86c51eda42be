import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { context, trace } from '@opentelemetry/api'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base'
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AurenEvent } from '../../../src/events/event.ts'
import { aGateway, aToken, secret } from '../../support/gateway.ts'
import { until } from '../../support/until.ts'
import { signIn } from '../../support/ws-client.ts'

const json = 'application/json'
const protobuf = 'application/x-protobuf'
const fixture = (name: string) => readFileSync(new URL(`../../fixtures/otlp/${name}`, import.meta.url))

async function aReceiver(options: Parameters<typeof aGateway>[0] = {}) {
  const gateway = await aGateway(options)
  const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}/v1/traces`, {
      method: 'POST',
      body: typeof body === 'string' ? body : new Uint8Array(body),
      headers: { 'content-type': json, ...headers },
    })
  const stored = async () => (await gateway.stream.recent(1_000)).map(({ event }) => event).reverse()
  const types = async () => (await stored()).map(({ event_type: type }) => type)
  return { ...gateway, post, stored, types }
}

let ids = 0
const traceId = '0af7651916cd43dd8448eb211c80319c'

interface SpanOptions {
  readonly id?: string
  readonly parent?: string
  readonly end?: number
  readonly [attribute: string]: unknown
}

/** One span as OTLP/JSON has it; `end: 0` is a start. */
function span({ id, parent, end = 1_795_000_001_000, ...attributes }: SpanOptions) {
  const spanId = id ?? (ids += 1).toString(16).padStart(16, '0')
  return {
    traceId,
    spanId,
    ...(parent === undefined ? {} : { parentSpanId: parent }),
    name: 'span',
    kind: 3,
    startTimeUnixNano: '1795000000000000000',
    endTimeUnixNano: String(BigInt(end) * 1_000_000n),
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: value } })),
  }
}

const request = (...spans: readonly unknown[]) =>
  JSON.stringify({ resourceSpans: [{ scopeSpans: [{ scope: { name: 'test' }, spans }] }] })
/** As auren-live sends it for the spans that are open. */
function heartbeatRequest(timeMs: number, ...spans: readonly unknown[]): string {
  const attributes = [
    { key: 'auren.heartbeat.producer', value: { stringValue: 'host-1' } },
    { key: 'auren.heartbeat.interval_ms', value: { intValue: '10000' } },
    { key: 'auren.heartbeat.time_unix_ms', value: { intValue: String(timeMs) } },
  ]
  return JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans }] }] })
}
const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' }
const agent = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'lead' }
const [parentId, childId] = ['00000000000000a1', '00000000000000b2']

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

  it('makes open spans that are sent again with a heartbeat one heartbeat of their run, however often they come', async () => {
    const { post, stored } = await aReceiver()
    const lead = span({ id: parentId, end: 0, ...agent })
    const call = span({ id: childId, parent: parentId, end: 0, ...chat })
    const ofNoInterest = span({ end: 0 })
    await post(request(lead))
    for (let i = 0; i < 2; i += 1) await post(heartbeatRequest(1_795_000_010_000, lead, call, ofNoInterest))
    await until('the heartbeat is written', async () => (await stored()).length === 3)
    await post(heartbeatRequest(1_795_000_020_000, lead))
    const [started, late, first, second] = await until('the next one is', async () => {
      return (await stored()).length === 4 && stored()
    })
    // The call's own start was lost on the way.
    expect(late).toMatchObject({ event_type: 'llm_call_started', source_agent: { id: 'lead' } })
    expect(first).toEqual({
      ...started,
      event_id: expect.any(String) as string,
      timestamp: '2026-11-18T11:06:50.000+00:00',
      event_type: 'heartbeat',
      payload: { producer: 'host-1', interval_ms: 10_000, open_steps: [parentId, childId] },
      metadata: { run_started: started?.timestamp },
    })
    expect(second).toMatchObject({ event_type: 'heartbeat', payload: { open_steps: [parentId] } })
  })

  it('publishes the start of a span that had no attributes yet with the heartbeat that brings them', async () => {
    const { post, stored } = await aReceiver()
    await post(request(span({ id: childId, end: 0 })))
    await post(heartbeatRequest(1_795_000_010_000, span({ id: childId, end: 0, ...chat })))
    await post(heartbeatRequest(1_795_000_020_000, span({ id: childId, end: 0, ...chat })))
    await until('the second heartbeat is written', async () => (await stored()).length === 3)
    expect(await stored()).toMatchObject([
      { event_type: 'llm_call_started', timestamp: '2026-11-18T11:06:40.000+00:00', span_id: childId },
      { event_type: 'heartbeat' },
      { event_type: 'heartbeat' },
    ])
  })

  it('makes no heartbeat of a run that has ended', async () => {
    const { post, types } = await aReceiver()
    await post(request(span({ id: parentId, ...agent })))
    await post(heartbeatRequest(1_795_000_010_000, span({ id: parentId, end: 0, ...agent })))
    await post(request(span({ ...chat })))
    await until('the last is written', async () => (await types()).length === 2)
    expect(await types()).toEqual(['agent_execution_completed', 'llm_call'])
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

  it('answers 401 without a token, 403 without the permission, and takes neither', async () => {
    const { post, stored } = await aReceiver({ jwtSecret: secret })
    const body = request(span({ ...chat }))
    expect((await post(body)).status).toBe(401)
    expect((await post(body, { authorization: 'Bearer test' })).status).toBe(401)
    expect((await post(body, { authorization: `Bearer ${await aToken({ permissions: ['all'] })}` })).status).toBe(403)
    expect(await stored()).toEqual([])
  })

  it.each<[string, string | Buffer, Record<string, string>, number]>([
    ['a body that is no JSON', '{', {}, 400],
    ['a JSON list', '[]', {}, 400],
    ['spans that are no list', '{"resourceSpans":"x"}', {}, 400],
    ['bytes that are no protobuf', Buffer.from('ffffffff', 'hex'), { 'content-type': protobuf }, 400],
    ['gzip that is none', 'no gzip', { 'content-encoding': 'gzip' }, 400],
    ['another content type', 'a=b', { 'content-type': 'text/plain' }, 415],
    ['another encoding', '{}', { 'content-encoding': 'br' }, 415],
    ['a body over 4 MiB', Buffer.alloc(4 * 1024 * 1024 + 1, ' '), {}, 413],
    [
      'a body that inflates to over 4 MiB',
      gzipSync(Buffer.alloc(5 * 1024 * 1024, ' ')),
      { 'content-encoding': 'gzip' },
      413,
    ],
  ])('answers %s with %4$i and a reason, and goes on', async (_name, body, headers, status) => {
    const { post, types } = await aReceiver()
    const response = await post(body, headers)
    expect(response.status).toBe(status)
    expect((await response.text()).length).toBeGreaterThan(5)
    await post(request(span({ ...chat })))
    await until('the next is written', async () => (await types()).length === 1)
  })

  it.each(['{}', '{"resourceSpans":null}', '{"resourceSpans":[]}'])(
    'takes %s for a request without spans',
    async (body) => {
      const { post } = await aReceiver()
      const response = await post(body)
      expect([response.status, await response.json()]).toEqual([200, {}])
    },
  )

  it('takes the good spans of a request and says how many it rejected', async () => {
    const { post, types } = await aReceiver()
    const bad = [
      { ...span(chat), traceId: '0'.repeat(32) },
      { ...span(chat), spanId: 'xyz' },
      { ...span(chat), startTimeUnixNano: '0' },
      7,
    ]
    const response = await post(request(...bad, span(chat)))
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ partialSuccess: { rejectedSpans: '4' } })
    await until('the good one is written', async () => (await types()).length === 1)
  })

  it('answers whatever is sent with 200 or 400, and goes on', async () => {
    const { url, post, types } = await aReceiver()
    const shaped = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.jsonValue(),
        fc.dictionary(
          fc.constantFrom(
            'resourceSpans',
            'scopeSpans',
            'spans',
            'attributes',
            'key',
            'value',
            'stringValue',
            'arrayValue',
            'values',
            '__proto__',
          ),
          tie('node'),
          { maxKeys: 4 },
        ),
        fc.array(tie('node'), { maxLength: 3 }),
      ),
    })).node
    const bodies = fc.oneof(
      shaped.map((value) => [JSON.stringify({ resourceSpans: value }), json] as const),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => [Buffer.from(bytes), protobuf] as const),
      fc.nat(2_000).map((at) => [cut(fixture('otel-openai/tool-loop-nocontent.pb'), at), protobuf] as const),
    )
    await fc.assert(
      fc.asyncProperty(bodies, async ([body, type]) => {
        expect([200, 400]).toContain((await post(body, { 'content-type': type })).status)
      }),
      { numRuns: 200 },
    )
    expect(({} as Record<string, unknown>)['stringValue']).toBeUndefined()
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    await post(request(span({ ...chat, id: childId })))
    await until('a good one is written', async () => (await types()).includes('llm_call'))
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

/** A recorded request with one byte changed. */
function cut(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes)
  const place = at % changed.length
  changed[place] = (changed[place] ?? 0) ^ 0xff
  return changed
}
