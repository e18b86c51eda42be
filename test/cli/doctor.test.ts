import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sentence } from '../../src/client/sentence.ts'
import type { AurenEvent } from '../../src/events/event.ts'
import type { Finding } from '../../src/cli/doctor/finding.ts'
import { freePort } from '../support/free-port.ts'
import { secret } from '../support/gateway.ts'
import { startOpenAiServer } from '../support/openai-server.ts'
import { auren, startGatewayProcess, startNode, temporaryFolder, temporaryLog } from '../support/processes.ts'
import { until } from '../support/until.ts'

/** Milliseconds for several processes to start, one after another, on a busy machine. */
const timeout = 120_000

interface Report {
  readonly code: number | NodeJS.Signals
  readonly ok: boolean
  readonly findings: readonly Finding[]
  readonly way: Readonly<Record<string, string>>
  /** Verdict and text of the findings of one hop. */
  of(hop: Finding['hop']): string[]
}

async function doctor(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Report> {
  const run = auren(['doctor', '--json', ...args], env)
  const code = await run.exited()
  expect(run.stderr()).toBe('')
  const { ok, way, findings } = JSON.parse(run.stdout()) as Pick<Report, 'ok' | 'way' | 'findings'>
  const of = (hop: string) =>
    findings.filter((each) => each.hop === hop).map(({ verdict, text }) => `${verdict}: ${text}`)
  return { code, ok, way, findings, of }
}

async function answer<T>(url: string): Promise<T> {
  return (await (await fetch(url, { headers: { authorization: 'Bearer test' } })).json()) as T
}

describe('auren doctor', { timeout }, () => {
  it('follows the way of an event, from the span of a library to a client of the gateway', async () => {
    const log = temporaryLog()
    const metrics = `http://127.0.0.1:${await freePort()}/metrics`
    const { url } = await startGatewayProcess(log)
    startNode(['--import', 'auren-observability/register', 'test/e2e/agents/openai-agent.ts'], {
      AUREN_STREAM_URL: log,
      OPENAI_BASE_URL: await startOpenAiServer(),
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: new URL(metrics).port,
      STAY: '1',
    })
    const hasWorked = async () => {
      const page = await fetch(metrics).then((response) => response.text(), () => '') // prettier-ignore
      // A heartbeat that comes of a busy machine is one more.
      return /auren_exporter_events_total 1[2-9]/.test(page)
    }
    await until('the agent has worked', hasWorked, timeout / 2)
    const report = await doctor(['--stream', log, '--url', url, '--metrics', metrics, '--probe'])
    expect(report.of('library')).toContain(
      'ok: openai 6.49.0: hooked by @opentelemetry/instrumentation-openai, 4 spans seen',
    )
    expect(report.of('library')).toContainEqual(expect.stringMatching(/^note: ioredis .*, no span seen yet$/))
    expect(report.of('agent')).toEqual([expect.stringMatching(/^ok: http.*: 6 spans seen, 1\d events written$/)])
    expect(report.of('stream')[0]).toMatch(/^ok: .* has 1\d events, the newest \w+ of neuroscientist/)
    expect(report.of('gateway')).toEqual([`ok: ${url} is ready`])
    expect(report.of('token')).toEqual(['ok: the gateway takes the token'])
    expect(report.of('export')[0]).toMatch(/^ok: a span of this process is written to /)
    expect(report.of('probe')[0]).toMatch(/^ok: its event came from .* through the gateway in \d+ ms$/)
    expect(report).toMatchObject({ ok: true, code: 0 })
    expect(report.way).toEqual({ instrumented: 'ok', exported: 'ok', stream: 'ok', gateway: 'ok', client: 'ok' })
    const { runs } = await answer<{ runs: { name: string }[] }>(`${url}/api/runs`)
    expect(runs.map(({ name }) => name)).toEqual(['Neuroscientist'])
    const { events } = await answer<{ events: AurenEvent[] }>(`${url}/api/events?type=system_health`)
    expect(events.map(sentence)).toEqual(['reported a probe of auren doctor'])
  })

  it('names what is broken and what to do, a line each, and ends with code 1', async () => {
    const nowhere = 'http://127.0.0.1:1'
    const stream = 'redis://user:s3cret@127.0.0.1:1'
    const run = auren(['doctor', '--stream', stream, '--url', nowhere, '--metrics', `${nowhere}/metrics`])
    expect(await run.exited()).toBe(1)
    expect(run.stderr()).toBe('')
    const lines = run.stdout().trimEnd().split('\n')
    const broken = lines.filter((line) => line.startsWith('broken'))
    expect(broken).toEqual([
      expect.stringMatching(/^broken {2}agent .*no agent process answers at .*--import auren-observability\/register/),
      expect.stringMatching(/^broken {2}stream .*cannot be reached\. Check that its server runs/),
      expect.stringMatching(/^broken {2}gateway .*cannot be reached .*start `auren gateway`/),
    ])
    expect(
      lines.slice(0, -2).every((line) => /^(?:ok|note|broken) +(?:library|agent|stream|gateway) +\S/.test(line)),
    ).toBe(true)
    expect(lines.at(-1)).toMatch(
      /^instrumented \w+ → exported broken → stream broken → gateway broken → client unknown$/,
    )
    expect(run.stdout()).not.toContain('s3cret')
  })

  it('takes what nobody asked for and does not run as a note', async () => {
    const port = String(await freePort())
    const report = await doctor(['--stream', temporaryLog()], { OTEL_EXPORTER_PROMETHEUS_PORT: port })
    expect(report.of('agent')[0]).toMatch(new RegExp(`^note: no agent process answers at http://localhost:${port}`))
    expect(report.of('stream')[0]).toMatch(/^note: .* is empty; do the agents have the same AUREN_STREAM_URL\?$/)
    expect(report.code).toBe(0)
  })

  it('tells a refused token and a gateway on another stream from a gateway that is away', async () => {
    const env = { AUREN_JWT_SECRET: secret }
    const { url } = await startGatewayProcess(temporaryLog(), env)
    const made = auren(['token', '--user', 'ann', '--permission', 'all'], env)
    await made.exited()
    const refused = await doctor(['--stream', temporaryLog(), '--url', url, '--token', 'nonsense'])
    expect(refused.of('token')[0]).toMatch(/^broken: the gateway refuses the token; `auren token` makes one/)
    const elsewhere = await doctor([
      '--stream',
      temporaryLog(),
      '--url',
      url,
      '--token',
      made.stdout().trim(),
      '--probe',
    ])
    expect(elsewhere.of('token')).toEqual(['ok: the gateway takes the token'])
    expect(elsewhere.way).toMatchObject({ exported: 'ok', stream: 'note', gateway: 'ok', client: 'broken' })
    expect(elsewhere.of('probe')[0]).toMatch(/^broken: .* did not come through the gateway; does the gateway read this/)
  })

  it('says of each library why it is not hooked, and of a broken instrumentation that it is', async () => {
    const folder = temporaryFolder()
    const install = (name: string, version: string, main = '') => {
      const path = join(folder, 'node_modules', name)
      mkdirSync(path, { recursive: true })
      writeFileSync(join(path, 'package.json'), JSON.stringify({ name, version }))
      writeFileSync(join(path, 'index.js'), main)
    }
    install('openai', '7.55.0')
    install('pg', '8.16.0')
    install('@opentelemetry/instrumentation-pg', '0.77.0', "throw new Error('half\\ninstalled')")
    const report = await doctor(['--folder', folder, '--stream', temporaryLog()])
    expect(report.of('library')).toEqual([
      'note: openai 7.55.0: not hooked: install @arizeai/openinference-instrumentation-openai or @traceloop/instrumentation-openai',
      'broken: pg 8.16.0: @opentelemetry/instrumentation-pg cannot be loaded (half installed); install it anew',
    ])
    expect(report.code).toBe(1)
  })
})
