import { spawn } from 'node:child_process'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { startGatewayProcess, startNode } from '../support/processes.ts'
import { startPrometheus } from '../support/prometheus.ts'
import type { PrometheusServer, Sample } from '../support/prometheus.ts'
import { requireProgram } from '../support/programs.ts'
import { startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { connectTo } from '../support/ws-client.ts'
import { boards, panelsOf } from './board-files.ts'
import type { Target } from './board-files.ts'

/** Panels that a healthy demo leaves empty, and why. */
const emptyWhenHealthy: Readonly<Record<string, string>> = {
  'Firing alerts': 'nothing fires',
  'Errors by provider and type': 'providers of the demo refuse hardly a call',
  'Recent executions': 'asks Tempo, which is no part of this test',
}

describe('the boards over a working crew', () => {
  it('show something in every panel', async () => {
    const prometheus = await pipelineUnderPrometheus()
    const questions = boards().flatMap((board) =>
      panelsOf(board).flatMap((panel) =>
        (panel.targets ?? []).map((target) => ({
          name: `${board.uid} › ${panel.title} ${target.refId}`,
          panel,
          target,
        })),
      ),
    )
    for (const { name, panel, target } of questions) {
      if (panel.title in emptyWhenHealthy) continue
      const samples = await until(`${name} shows something`, () => answerTo(prometheus, target), 60_000)
      for (const [, label = ''] of (target.legendFormat ?? '').matchAll(/\{\{(\w+)\}\}/g)) {
        expect(Object.keys(samples[0]?.metric ?? {}), `${name}: legend`).toContain(label)
      }
    }
    expect(questions.length).toBeGreaterThan(80)
  }, 180_000)
})

/** Crew → stream → gateway → one client, and a Prometheus that scrapes all of it. */
async function pipelineUnderPrometheus(): Promise<PrometheusServer> {
  const redis = await startRedis()
  await redis.client.config('SET', 'maxmemory', '512mb')
  const stream = redis.url
  const gateway = await startGatewayProcess(stream, { AUREN_DAILY_BUDGET_USD: '20' })
  const client = await connectTo(gateway.url.replace('http', 'ws'))
  client.send({ token: 'test' })
  const port = await freePort()
  startNode(['dist/cli/main.js', 'demo', '--crew-only', '--stream', stream, '--rate', '5'], {
    OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
    OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
  })
  const prometheus = await startPrometheus({
    'auren-agent': `127.0.0.1:${port}`,
    'auren-gateway': new URL(gateway.url).host,
    'auren-redis': await startRedisExporter(stream),
  })
  await until('all are scraped', async () => (await prometheus.targets()).every(({ health }) => health === 'up'))
  return prometheus
}

/** A real redis_exporter, gone when the test is; its address. */
async function startRedisExporter(url: string): Promise<string> {
  const address = `127.0.0.1:${await freePort()}`
  const program = requireProgram('prometheus-redis-exporter', 'prometheus-redis-exporter')
  const exporter = spawn(program, ['--redis.addr', url, '--web.listen-address', address], { stdio: 'ignore' })
  onTestFinished(() => void exporter.kill('SIGKILL'))
  return address
}

/** What the panel would draw: figures, not only names. */
async function answerTo(
  prometheus: PrometheusServer,
  { expr = '', instant }: Target,
): Promise<readonly Sample[] | false> {
  const query = expr.replaceAll('$__rate_interval', '10s').replaceAll('$__range', '1m').replace(/\$\w+/g, '.+')
  const samples = await (instant ? prometheus.query(query) : prometheus.queryRange(query))
  const figures = samples.filter(({ value }) => !Number.isNaN(value))
  return figures.length > 0 && figures
}
