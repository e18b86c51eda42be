import { expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { startNode, temporaryLog } from '../support/processes.ts'
import { startPrometheus } from '../support/prometheus.ts'
import type { PrometheusServer } from '../support/prometheus.ts'
import { until } from '../support/until.ts'

it('a process that pushes to Prometheus 3 has the names and labels there that a scrape of it has', async () => {
  const port = await freePort()
  const prometheus = await startPrometheus({ 'auren-agent': `127.0.0.1:${port}` }, ['--web.enable-otlp-receiver'])
  const crew = () =>
    startNode(['dist/cli/main.js', 'demo', '--crew-only', '--stream', temporaryLog(), '--rate', '5'], {
      OTEL_METRICS_EXPORTER: 'otlp,prometheus',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${prometheus.url}/api/v1/otlp/v1/metrics`,
      OTEL_METRIC_EXPORT_INTERVAL: '500',
      OTEL_METRIC_EXPORT_TIMEOUT: '500',
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    })
  const first = crew()
  await until(
    'the crew has decided something',
    async () => (await prometheus.query('auren_decisions_total')).length > 0,
  )
  const scraped = await until('everything is scraped', async () => {
    const shapes = await shapesOf(prometheus, 'auren-agent')
    return shapes.some((shape) => shape.startsWith('v8js_gc')) && shapes
  })
  await until('all of it is pushed', async () => {
    const pushed = await shapesOf(prometheus, 'auren-demo-crew')
    return scraped.every((shape) => pushed.includes(shape))
  })

  // A second one, whose page finds its port taken, is no less seen, and as a process of its own.
  crew()
  await until('both are told apart', async () => {
    const instances = await prometheus.query('group by (instance) (auren_exporter_events_total{job="auren-demo-crew"})')
    return instances.length === 2
  })
  expect(first.child.exitCode).toBeNull()
})

/** The metrics of a job as `name{labels}`, without the values. */
async function shapesOf(prometheus: PrometheusServer, job: string): Promise<string[]> {
  const ours = await prometheus.query(`{__name__=~"(auren|gen_ai|nodejs|v8js)_.+", job="${job}"}`)
  const shapes = ours.map(
    ({ metric: { __name__: name, ...labels } }) => `${name}{${Object.keys(labels).toSorted().join()}}`,
  )
  return [...new Set(shapes)].toSorted()
}
