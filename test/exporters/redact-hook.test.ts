import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { redactWith } from '../../src/exporters/redact-hook.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { aGateway } from '../support/gateway.ts'
import { auren, startNode, temporaryFolder, temporaryLog } from '../support/processes.ts'
import { until } from '../support/until.ts'

function aModule(code: string, name = 'redact.mjs'): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, code)
  return path
}

const hidesNames = "export const redact = (text) => text.replaceAll('Ann Lee', '[athlete]')"

it('takes the hook from a module: its redact or its default export, ES module or CommonJS', () => {
  for (const path of [
    aModule(hidesNames),
    aModule("export default (text) => text.replaceAll('Ann Lee', '[athlete]')"),
    aModule("module.exports = (text) => text.replaceAll('Ann Lee', '[athlete]')", 'redact.cjs'),
  ])
    expect(redactWith({ redactModule: path })?.('for Ann Lee', 'prompt')).toBe('for [athlete]')
})

it.each([
  ["throw new Error('no database')", 'cannot be loaded'],
  ['export const redact = 7', 'exports no function redact'],
])('refuses a module such as %j', (code, reason) => {
  expect(() => redactWith({ redactModule: aModule(code) })).toThrow(
    expect.objectContaining({ code: 'AUREN_OPTIONS_INVALID' }),
  )
  expect(() => redactWith({ redactModule: aModule(code) })).toThrow(reason)
})

it.each([
  ['throws', () => { throw new Error('no') }],
  ['returns nothing', () => undefined as unknown as string],
  ['is async', () => Promise.reject(new Error('later')) as unknown as string],
] as const)('leaves the text out when the hook %s', (_what, redact) => {
  expect(redactWith({ redact })?.('text', 'prompt')).toBeUndefined()
}) // prettier-ignore

const work =
  "import { agent } from 'auren-observability';" +
  "await agent('coach', async (run) => { await run.tool('plan for Ann Lee', () => 1); await run.tool('weigh', () => 2) });"

/** What an agent process printed, and the names of the tools in its events. */
async function tools(env: Record<string, string>) {
  const log = temporaryLog()
  const agent = startNode(['--import', 'auren-observability/register', '--input-type=module', '--eval', work], {
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    AUREN_STREAM_URL: log,
    ...env,
  })
  expect(await agent.exited()).toBe(0)
  const stream = await openStream(log)
  const events = (await stream.recent(100)).map(({ event }) => event).reverse()
  await stream.close()
  return { stderr: agent.stderr(), events, names: events.flatMap(({ payload }) => payload['tool_name'] ?? []) }
}

it('changes the texts of an agent process without code, and is loaded before its first event', async () => {
  const { stderr, events, names } = await tools({ AUREN_REDACT_MODULE: aModule(hidesNames) })
  expect(stderr).toBe('')
  expect(names).toEqual(['plan for [athlete]', 'plan for [athlete]', 'weigh', 'weigh'])
  expect(JSON.stringify(events)).not.toContain('Ann Lee')
})

it('drops texts, not events, and warns once, when it fails in an agent process', async () => {
  const { stderr, events } = await tools({
    AUREN_REDACT_MODULE: aModule("export const redact = () => { throw new Error('no') }"),
  })
  expect(stderr.match(/AurenWarning/g)).toHaveLength(1)
  expect(events).toHaveLength(6)
  expect(JSON.stringify(events)).not.toContain('Ann Lee')
})

it('leaves content out and warns when an agent process cannot load it', async () => {
  const { stderr, events, names } = await tools({
    AUREN_REDACT_MODULE: join(temporaryFolder(), 'missing.mjs'),
    AUREN_CAPTURE_CONTENT: 'true',
  })
  expect(stderr.match(/AurenWarning/g)).toHaveLength(1)
  expect(names).toHaveLength(4)
  expect(events.some(({ payload }) => 'result' in payload)).toBe(false)
})

it('does not let a gateway start without the module it is told to use', async () => {
  const path = join(temporaryFolder(), 'missing.mjs')
  const gateway = auren(['gateway', '--port', '0', '--stream', temporaryLog()], { AUREN_REDACT_MODULE: path })
  expect(await gateway.exited()).toBe(1)
  expect(gateway.stderr()).toContain(`${path} cannot be loaded`)
})

it('masks secrets and applies the hook in what comes over OTLP', async () => {
  const gateway = await aGateway({ redact: (text) => text.replaceAll('Ann Lee', '[athlete]') })
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })
  const span = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: '00000000000000aa',
    name: 'execute_tool with postgres://ann:hunter2@db for Ann Lee',
    startTimeUnixNano: '1795000000000000000',
    endTimeUnixNano: '1795000001000000000',
    attributes: [
      attribute('gen_ai.operation.name', 'execute_tool'),
      attribute('gen_ai.tool.name', 'mail ann@example.org'),
    ],
  }
  const answer = await fetch(`${gateway.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  })
  expect(answer.status).toBe(200)
  const [event] = await until('it is stored', async () => {
    const entries = await gateway.stream.recent(10)
    return entries.length > 0 && entries.map((entry) => entry.event)
  })
  expect(event).toMatchObject({
    payload: { tool_name: 'mail [email]' },
    metadata: { span_name: 'execute_tool with postgres://[credentials]@db for [athlete]' },
  })
})
