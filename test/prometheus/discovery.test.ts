import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStream } from '../../src/streams/open-stream.ts'
import { auren, root, startGatewayProcess, startNode, temporaryLog } from '../support/processes.ts'
import type { Running } from '../support/processes.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { until } from '../support/until.ts'

interface AgentJob {
  readonly job_name: string
  readonly http_sd_configs: readonly { readonly url: string }[]
}

/** How the Prometheus of this repository finds agent processes, with the address of this gateway, and asked each second. */
function agentJob(gateway: string): object {
  const { scrape_configs: jobs } = parse(readFileSync(join(root, 'prometheus.yml'), 'utf8')) as {
    readonly scrape_configs: readonly AgentJob[]
  }
  const [url = ''] = jobs.flatMap(({ http_sd_configs: found = [] }) => found.map((one) => one.url))
  return { http_sd_configs: [{ url: url.replace('http://gateway:9465', gateway), refresh_interval: '1s' }] }
}

/** A process with nothing to do, on a port of its own, which says so every three seconds. */
function idleAgent(stream: string, service: string): Running {
  const prometheus = "{ host: '127.0.0.1', port: 0, address: '127.0.0.1' }"
  const options = `{ stream: '${stream}', serviceName: '${service}', heartbeatMs: 1_000, prometheus: ${prometheus} }`
  const lines = `import { startAuren } from 'auren-observability'; startAuren(${options}); setInterval(() => {}, 1_000)`
  return startNode(['--input-type=module', '--eval', lines])
}

/** Services whose processes said that they end. */
async function lastWords(url: string): Promise<unknown[]> {
  const stream = await openStream(url)
  onTestFinished(() => stream.close())
  const ends = (await stream.recent(1_000)).filter(({ event }) => event.payload['interval_ms'] === 0)
  return ends.map(({ event }) => event.metadata['service'])
}

const contentType = 'application/json; charset=utf-8'

describe('agent processes without any work', () => {
  it('are found by Prometheus by way of the gateway, and forgotten when they end, however they do', async () => {
    const log = temporaryLog()
    const gateway = await startGatewayProcess(log)
    const empty = await fetch(`${gateway.url}/sd/agents`)
    expect([empty.status, empty.headers.get('content-type'), await empty.json()]).toEqual([200, contentType, []])

    const prometheus = await startPrometheus({ 'auren-agent': agentJob(gateway.url) })
    const [ended, killed] = [idleAgent(log, 'coach'), idleAgent(log, 'doctor')]
    const scraped = async () => (await prometheus.query('sum(up{job="auren-agent"})'))[0]?.value
    await until('both are scraped', async () => (await scraped()) === 2, 60_000)
    const found = (await prometheus.targets()).map((target) => target.discoveredLabels['__meta_auren_service'])
    expect(found.toSorted()).toEqual(['coach', 'doctor'])

    killed.child.kill('SIGKILL')
    await until('the one that was killed is forgotten', async () => (await prometheus.targets()).length === 1)
    ended.child.kill('SIGTERM')
    expect(await ended.exited()).toBe('SIGTERM')
    expect(await lastWords(log)).toEqual(['coach'])
    await until('the one that ended is forgotten', async () => (await prometheus.targets()).length === 0)
  })

  it('are not told of while the stream cannot be read: what Prometheus knows stays', async () => {
    const gateway = auren(['gateway', '--port', '0', '--stream', 'redis://127.0.0.1:1'])
    const url = await until('it listens', () => /"url":"([^"]+)","msg":"gateway listening"/.exec(gateway.stdout())?.[1])
    expect((await fetch(`${url}/sd/agents`)).status).toBe(503)
  })
})
