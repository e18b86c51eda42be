import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { freePort } from './free-port.ts'
import { root, temporaryFolder } from './processes.ts'
import { requireProgram } from './programs.ts'
import { until } from './until.ts'

export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  /** Of an instant query, or the last of a range query. */
  readonly value: number
}

export interface PrometheusServer {
  readonly url: string
  /** Evaluates now. Throws with Prometheus' own words when the query is wrong. */
  query(expression: string): Promise<Sample[]>
  /** Evaluates every second of the last minute. */
  queryRange(expression: string): Promise<Sample[]>
  targets(): Promise<readonly ScrapedTarget[]>
}

export interface ScrapedTarget {
  readonly health: string
  readonly lastError: string
  readonly labels: Readonly<Record<string, string>>
  /** What discovery said, before `relabel_configs`. */
  readonly discoveredLabels: Readonly<Record<string, string>>
}

type Answer =
  | { readonly status: 'success'; readonly data: { readonly result: readonly Result[] } }
  | { readonly status: 'error'; readonly error: string }

interface Result {
  readonly metric: Readonly<Record<string, string>>
  readonly value?: readonly [number, string]
  readonly values?: readonly (readonly [number, string])[]
}

/**
 * A real Prometheus with the rules of this repository that scrapes each job every second, gone when the test is. A job is an
 * address, or what else of a scrape configuration says where its targets are.
 */
export async function startPrometheus(
  jobs: Readonly<Record<string, string | object>>,
  flags: readonly string[] = [],
): Promise<PrometheusServer> {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'data'))
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(root, 'prometheus/rules/*.yml')],
    scrape_configs: Object.entries(jobs).map(([job_name, found]) => ({
      job_name,
      ...(typeof found === 'string' ? { static_configs: [{ targets: [found] }] } : found),
    })),
  }
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config))
  const address = `127.0.0.1:${await freePort()}`
  const server = spawn(
    requireProgram('prometheus', 'prometheus'),
    [
      `--config.file=prometheus.yml`,
      `--storage.tsdb.path=data`,
      `--web.listen-address=${address}`,
      '--log.level=error',
      ...flags,
    ],
    { cwd: folder, stdio: 'ignore' },
  )
  const exited = new Promise((resolve) => server.once('exit', resolve))
  onTestFinished(async () => {
    server.kill('SIGKILL')
    await exited
  })
  const url = `http://${address}`
  await until('Prometheus is ready', () => fetch(`${url}/-/ready`).then(({ ok }) => ok, () => false)) // prettier-ignore
  return {
    url,
    query: (expression) => ask(`${url}/api/v1/query`, { query: expression }),
    queryRange: (expression) => {
      const end = Date.now() / 1000
      return ask(`${url}/api/v1/query_range`, { query: expression, start: end - 60, end, step: 1 })
    },
    targets: async () => {
      const answer = (await (await fetch(`${url}/api/v1/targets`)).json()) as {
        readonly data: { readonly activeTargets: readonly ScrapedTarget[] }
      }
      return answer.data.activeTargets
    },
  }
}

async function ask(url: string, parameters: Readonly<Record<string, string | number>>): Promise<Sample[]> {
  const body = new URLSearchParams(
    Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)]),
  )
  const answer = (await (await fetch(url, { method: 'POST', body })).json()) as Answer
  if (answer.status === 'error') throw new Error(`${answer.error}: ${parameters['query']}`)
  return answer.data.result.map(({ metric, value, values }) => ({
    metric,
    value: Number((value ?? values?.at(-1))?.[1]),
  }))
}
