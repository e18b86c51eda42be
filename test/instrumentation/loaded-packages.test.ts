import { expect, it } from 'vitest'
import { programFile } from '../support/program-file.ts'
import { startNode, temporaryLog } from '../support/processes.ts'

const list = `
  import { registerHooks } from 'node:module'
  const packages = new Set()
  registerHooks({
    load: (url, context, next) => {
      packages.add(/.*node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1] ?? 'own')
      return next(url, context)
    },
  })
  process.on('exit', () => console.error([...packages].sort().join()))`

const work = `
  import { agent } from 'auren-observability'
  await agent('lead', (run) => run.llm({ model: 'gpt-5-mini' }, (call) => call.usage({ inputTokens: 1, outputTokens: 1 })))`

async function packagesOfAgent(env: Readonly<Record<string, string>>): Promise<string[]> {
  const running = startNode(
    [
      '--import',
      programFile(list, 'list.mjs'),
      '--import',
      'auren-observability/register',
      '--input-type=module',
      '-e',
      work,
    ],
    {
      AUREN_STREAM_URL: temporaryLog(),
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'none',
      ...env,
    },
  )
  expect(await running.exited(), running.stderr()).toBe(0)
  return running.stderr().trim().split(',')
}

it('an agent loads OpenTelemetry, its stream and the prices: nothing of the gateway, no schemas, no exporters of others', async () => {
  expect(await packagesOfAgent({ OTEL_TRACES_EXPORTER: 'none', OTEL_SERVICE_NAME: 'lab' })).toEqual([
    '@opentelemetry/api',
    '@opentelemetry/context-async-hooks',
    '@opentelemetry/core',
    '@opentelemetry/exporter-prometheus',
    '@opentelemetry/instrumentation',
    '@opentelemetry/instrumentation-runtime-node',
    '@opentelemetry/resources',
    '@opentelemetry/sdk-metrics',
    '@opentelemetry/sdk-trace',
    '@opentelemetry/semantic-conventions',
    '@pydantic/genai-prices',
    // import-in-the-middle and require-in-the-middle, and what they bring.
    'cjs-module-lexer',
    'debug',
    'es-module-lexer',
    'has-flag',
    'import-in-the-middle',
    'module-details-from-path',
    'ms',
    'own',
    'require-in-the-middle',
    'supports-color',
  ])
})

it('an agent loads the whole SDK when a standard variable asks for another exporter', async () => {
  expect(await packagesOfAgent({ OTEL_TRACES_EXPORTER: 'console' })).toContain('@opentelemetry/sdk-node')
})
