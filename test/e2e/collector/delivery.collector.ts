import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { context, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { expect, it, onTestFinished } from 'vitest'
import { openStream } from '../../../src/streams/open-stream.ts'
import { freePort } from '../../support/free-port.ts'
import { aToken, secret } from '../../support/gateway.ts'
import { auren, root, temporaryFolder, temporaryLog } from '../../support/processes.ts'
import { until } from '../../support/until.ts'
import { signIn } from '../../support/ws-client.ts'

/** A Collector that takes OTLP and passes it on to a gateway, gzipped and with a token; its address. */
async function startCollector(gateway: string, token: string): Promise<string> {
  const port = await freePort()
  const config = join(temporaryFolder(), 'collector.json')
  const settings = {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    exporters: {
      otlp_http: {
        endpoint: gateway,
        compression: 'gzip',
        headers: { authorization: `Bearer ${token}` },
        retry_on_failure: { initial_interval: '200ms', max_interval: '1s', max_elapsed_time: '100s' },
      },
    },
    service: {
      telemetry: { metrics: { level: 'none' }, logs: { level: 'error' } },
      pipelines: { traces: { receivers: ['otlp'], exporters: ['otlp_http'] } },
    },
  }
  writeFileSync(config, JSON.stringify(settings))
  const collector = spawn(join(root, '.cache/collector/collector'), ['--config', `file:${config}`], {
    stdio: 'inherit',
  })
  onTestFinished(() => void collector.kill('SIGKILL'))
  const url = `http://127.0.0.1:${port}`
  await until('the Collector listens', () => fetch(url).then(() => true, () => false)) // prettier-ignore
  return url
}

async function startGateway(port: number, stream: string) {
  const gateway = auren(['gateway', '--port', String(port), '--stream', stream], { AUREN_JWT_SECRET: secret })
  await until('the gateway is ready', () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then((answer) => answer.ok, () => false),
  ) // prettier-ignore
  return gateway
}

/** In the gateway's place: puts every request off, as a gateway does whose stream cannot keep up. */
async function startPuttingOff(port: number) {
  const requests: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    requests.push(request.headers)
    request.resume().once('end', () => response.writeHead(503, { 'retry-after': '1' }).end())
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const close = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  onTestFinished(() => void close())
  return { requests, close }
}

/** An agent that asks a model, with the JS SDK. */
function agentAt(collector: string) {
  const exporter = new OTLPTraceExporter({ url: `${collector}/v1/traces` })
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  onTestFinished(() => provider.shutdown())
  const tracer = provider.getTracer('agent')
  return async (name: string) => {
    const agent = tracer.startSpan('invoke_agent', {
      attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': name },
    })
    const call = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-5-mini',
    }
    const usage = { 'gen_ai.usage.input_tokens': 1_000_000, 'gen_ai.usage.output_tokens': 0 }
    tracer.startSpan('chat', { attributes: { ...call, ...usage } }, trace.setSpan(context.active(), agent)).end()
    agent.end()
    await provider.forceFlush()
  }
}

it('delivers through a Collector, over a gateway that is killed, puts it off and comes back: everything once', async () => {
  const [port, stream] = [await freePort(), temporaryLog()]
  const address = `http://127.0.0.1:${port}`
  const gateway = await startGateway(port, stream)
  const run = agentAt(await startCollector(address, await aToken({ permissions: ['ingest'] })))
  const client = await signIn(address, { token: await aToken({ permissions: ['all'] }) })

  await run('before')
  await until('a live client has seen the call and its agent', () => client.events().length === 2)

  gateway.child.kill('SIGKILL')
  await gateway.exited()
  const gap = await startPuttingOff(port)
  await run('between')
  await until('the Collector has tried again', () => gap.requests.length >= 3)
  for (const headers of gap.requests)
    expect(headers).toMatchObject({
      'content-encoding': 'gzip',
      authorization: expect.stringMatching(/^Bearer /) as string,
    })
  await gap.close()

  await startGateway(port, stream)
  await run('after')
  const log = await openStream(stream)
  onTestFinished(() => log.close())
  const events = await until('all is stored', async () => {
    const stored = (await log.recent(100)).map(({ event }) => event)
    return stored.length >= 6 && stored
  })
  expect(new Set(events.map(({ event_id: id }) => id)).size).toBe(events.length)
  for (const type of ['llm_call', 'agent_execution_completed'])
    expect(
      events.filter(({ event_type }) => event_type === type).map(({ source_agent: agent }) => agent?.id).sort(),
    ).toEqual(['after', 'before', 'between']) // prettier-ignore
  for (const { payload } of events) expect(payload['cost'] ?? payload['own_cost']).toBeCloseTo(0.25, 9)
})
