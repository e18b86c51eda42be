import { execFileSync } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStream } from '../../src/streams/open-stream.ts'
import { serveHttp } from '../support/http-server.ts'
import { startNode, temporaryLog } from '../support/processes.ts'
import { requireProgram } from '../support/programs.ts'
import { startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'

/** Runs a few lines as an agent process, preloaded as users preload it. */
function run(lines: string, env: Readonly<Record<string, string>> = {}, preload = true) {
  const register = preload ? ['--import', 'auren-observability/register'] : []
  const imports = "import { agent, startAuren } from 'auren-observability';"
  return startNode([...register, '--input-type=module', '--eval', `${imports}${lines}`], env)
}

const work = "await agent('lead', (run) => run.tool('scales', () => 1));"

async function typesIn(url: string): Promise<string[]> {
  const stream = await openStream(url)
  onTestFinished(() => stream.close())
  return (await stream.recent(100)).map(({ event }) => event.event_type).reverse()
}

const whole = ['agent_execution_started', 'tool_usage_started', 'tool_usage', 'agent_execution_completed']

describe('an agent process', () => {
  it('is observed with --import alone, ends by itself, and says nothing', async () => {
    const log = temporaryLog()
    const agent = run(work, { AUREN_STREAM_URL: log })
    expect(await agent.exited()).toBe(0)
    expect(agent.stderr() + agent.stdout()).toBe('')
    expect(await typesIn(log)).toEqual(whole)
  })

  it('is observed with startAuren in its code', async () => {
    const log = temporaryLog()
    const agent = run(`const auren = startAuren({ stream: '${log}' }); ${work} await auren.shutdown();`, {}, false)
    expect(await agent.exited()).toBe(0)
    expect(await typesIn(log)).toEqual(whole)
  })

  it('keeps its exit code, and its exception', async () => {
    const failing = run(`${work} process.exitCode = 7;`, { AUREN_STREAM_URL: temporaryLog() })
    expect(await failing.exited()).toBe(7)
    const thrown = run("await agent('lead', () => { throw new RangeError('mine') });", {
      AUREN_STREAM_URL: temporaryLog(),
    })
    expect(await thrown.exited()).toBe(1)
    expect(thrown.stderr()).toContain('RangeError: mine')
  })

  it.each(['AUREN_DISABLED', 'OTEL_SDK_DISABLED'])(
    'is not observed when %s is set, and works as ever',
    async (name) => {
      const log = temporaryLog()
      const agent = run(`${work} console.log('done')`, { AUREN_STREAM_URL: log, [name]: 'true' })
      expect(await agent.exited()).toBe(0)
      expect(agent.stdout()).toBe('done\n')
      expect(agent.stderr()).toBe('')
      expect(await typesIn(log)).toEqual([])
    },
  )

  it.each([
    ['Redis is not there', { AUREN_STREAM_URL: 'redis://user:s3cret@127.0.0.1:1' }, /cannot be written/],
    [
      'the metrics port is no number',
      { OTEL_EXPORTER_PROMETHEUS_PORT: 's3cret', OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.9' },
      /OTEL_EXPORTER_PROMETHEUS_PORT/,
    ],
    ['a switch is neither true nor false', { AUREN_CAPTURE_CONTENT: 's3cret' }, /AUREN_CAPTURE_CONTENT is to be true/],
  ])('gets one line of warning and works on when %s', async (_name, env, warning) => {
    const agent = run(`${work} console.log('done')`, { AUREN_STREAM_URL: temporaryLog(), ...env })
    expect(await agent.exited()).toBe(0)
    expect(agent.stdout()).toBe('done\n')
    expect(agent.stderr()).toMatch(warning)
    expect(agent.stderr().match(/AurenWarning/g)).toHaveLength(1)
    expect(agent.stderr()).not.toContain('s3cret')
  })

  it('is told that its stream URL is wrong and, when it ends, how many events that cost', async () => {
    const agent = run(`${work} console.log('done')`, { AUREN_STREAM_URL: 'nonsense:s3cret' })
    expect(await agent.exited()).toBe(0)
    expect(agent.stdout()).toBe('done\n')
    expect(agent.stderr()).toMatch(/cannot be written and wait in memory: .*stream URL is not understood/)
    expect(agent.stderr()).toMatch(/4 AUREN events were lost/)
    expect(agent.stderr().match(/AurenWarning/g)).toHaveLength(2)
    expect(agent.stderr()).not.toContain('s3cret')
  })

  it('gets one line of warning and works on when its metrics port is taken', async () => {
    const { port } = new URL(await serveHttp())
    const log = temporaryLog()
    const address = { OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1', OTEL_EXPORTER_PROMETHEUS_PORT: port }
    const agent = run(work, { AUREN_STREAM_URL: log, ...address })
    expect(await agent.exited()).toBe(0)
    expect(agent.stderr()).toMatch(/AurenWarning: Prometheus cannot scrape/)
    expect(await typesIn(log)).toEqual(whole)
  })

  it.each(['prometheus', 'otlp,prometheus'])(
    'serves metrics that promtool has nothing to say against: %s',
    async (exporters) => {
      const wait = 'setInterval(() => {}, 1000)'
      const agent = run(`const { metricsUrl } = startAuren(); ${work} console.log(await metricsUrl); ${wait}`, {
        AUREN_STREAM_URL: temporaryLog(),
        OTEL_SERVICE_NAME: 'lab',
        OTEL_METRICS_EXPORTER: exporters,
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:1',
      })
      const url = await until('the address is printed', () => /http:\S+/.exec(agent.stdout())?.[0])
      const page = await until('the run is counted', async () => {
        const body = await (await fetch(url)).text()
        return /auren_agent_executions_total\{.*"success"\} 1/.test(body) && body
      })
      expect(page).toContain('target_info{service_name="lab"')
      expect(page).toMatch(
        /auren_tool_calls_total\{gen_ai_agent_name="lead",gen_ai_tool_name="scales",auren_outcome="success"\} 1/,
      )
      expect(page).toContain('auren_agent_execution_duration_seconds_bucket')
      expect(page).toMatch(/auren_exporter_dropped_total\{auren_drop_reason="queue_full"\} 0/)
      expect(
        execFileSync(requireProgram('promtool', 'prometheus'), ['check', 'metrics'], { input: page, encoding: 'utf8' }),
      ).toBe('')
      expect((await fetch(url.replace('/metrics', '/else'))).status).toBe(404)
      expect((await fetch(url, { method: 'POST' })).status).toBe(405)
    },
  )
})

describe('an agent that uses an instrumented Redis client', () => {
  it('shows its commands as memory accesses, and none of ours', async () => {
    const redis = await startRedis()
    const agent = run(
      `import { Redis } from 'ioredis';
       const client = new Redis(${redis.port}, '127.0.0.1');
       await client.ping();
       await agent('lead', async () => { await client.set('baseline', '61.5'); await client.get('baseline') });
       await client.set('outside', 'of any agent');
       await client.quit();`,
      { AUREN_STREAM_URL: redis.url },
    )
    expect(await agent.exited()).toBe(0)
    expect(agent.stderr()).toBe('')
    const stream = await openStream(redis.url)
    onTestFinished(() => stream.close())
    const events = (await stream.recent(100)).map(({ event }) => event).reverse()
    const shown = events.map(({ event_type: type, payload }) => [type, payload['tier_accessed'], payload['operation']])
    expect(shown).toEqual([
      ['agent_execution_started', undefined, undefined],
      ['memory_tier_access', 'redis', 'set'],
      ['memory_tier_access', 'redis', 'get'],
      ['agent_execution_completed', undefined, undefined],
    ])
  })
})

const inMemory = `
  const spans = [];
  const exporter = { export: (batch, done) => { spans.push(...batch.map(({ name }) => name)); done({ code: 0 }) }, shutdown: async () => {} };
  process.on('exit', () => console.log(spans.sort().join()));`

describe('an application that has an OpenTelemetry SDK already', () => {
  const sdk3 = `import { trace } from '@opentelemetry/api'; import { TracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'; ${inMemory}
    const provider = () => new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });`
  const sdk2 = `import { trace } from '@opentelemetry/api'; import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'; ${inMemory}
    const provider = () => new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });`

  it.each([
    ['3.x', sdk3],
    ['2.x', sdk2],
  ])('of the %s line is joined by startAuren: its own exporter and ours get the spans', async (_line, sdk) => {
    const log = temporaryLog()
    const agent = run(
      `${sdk} trace.setGlobalTracerProvider(provider()); const auren = startAuren({ stream: '${log}' }); ${work} await auren.shutdown();`,
      {},
      false,
    )
    expect(await agent.exited()).toBe(0)
    expect(agent.stdout()).toBe('execute_tool scales,invoke_agent lead\n')
    expect((await typesIn(log)).toSorted()).toEqual(whole.toSorted())
  })

  it.each([
    ['3.x', sdk3],
    ['2.x', sdk2],
  ])('of the %s line may register it after --import: its own exporter and ours get the spans', async (_line, sdk) => {
    const log = temporaryLog()
    const agent = run(`${sdk} if (!trace.setGlobalTracerProvider(provider())) throw new Error('refused'); ${work}`, {
      AUREN_STREAM_URL: log,
    })
    expect(await agent.exited()).toBe(0)
    expect(agent.stdout()).toBe('execute_tool scales,invoke_agent lead\n')
    expect(await typesIn(log)).toEqual(whole)
  })
})

describe('the standard variables of OpenTelemetry', () => {
  it('cost no span of the stream when they name an exporter that is none, and are one warning', async () => {
    const log = temporaryLog()
    const agent = run(work, { AUREN_STREAM_URL: log, OTEL_TRACES_EXPORTER: 'otlpp' })
    expect(await agent.exited()).toBe(0)
    expect(agent.stderr()).toMatch(/OTEL_TRACES_EXPORTER names no exporter/)
    expect(agent.stderr().match(/AurenWarning/g)).toHaveLength(1)
    expect(await typesIn(log)).toEqual(whole)
  })

  it('send spans to an OTLP collector beside the stream', async () => {
    let bodies = ''
    const collector = await serveHttp((request, response) => {
      void text(request).then((body) => {
        bodies += body
        response.writeHead(200).end()
      })
    })
    const log = temporaryLog()
    const agent = run(`${work} await startAuren().shutdown()`, {
      AUREN_STREAM_URL: log,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    })
    expect(await agent.exited()).toBe(0)
    expect(bodies).toContain('invoke_agent lead')
    expect(await typesIn(log)).toEqual(whole)
  })
})
