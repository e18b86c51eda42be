import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openStream } from '../../src/streams/open-stream.ts'
import { auren, startNode, temporaryFolder, temporaryLog } from '../support/processes.ts'

const oneCall =
  "import { agent } from 'auren-observability';" +
  "await agent('lead', (run) => run.llm({ model: 'recovery-7b', provider: 'vllm' }, (step) => step.usage({ inputTokens: 2e6, outputTokens: 1e6 })));" +
  "await agent('lead', (run) => run.llm({ model: 'gpt-5-mini', provider: 'openai' }, (step) => step.usage({ inputTokens: 1e6, outputTokens: 0 })));"

function pricesFile(content: string): string {
  const path = join(temporaryFolder(), 'prices.json')
  writeFileSync(path, content)
  return path
}

/** What the agent process printed, and the cost and its source of each model call. */
async function bills(prices: string) {
  const log = temporaryLog()
  const agent = startNode(['--import', 'auren-observability/register', '--input-type=module', '--eval', oneCall], {
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    AUREN_STREAM_URL: log,
    AUREN_PRICES_FILE: prices,
  })
  expect(await agent.exited()).toBe(0)
  const stream = await openStream(log)
  onTestFinished(() => stream.close())
  const calls = (await stream.recent(100)).map(({ event }) => event).filter((event) => event.event_type === 'llm_call')
  return {
    stderr: agent.stderr(),
    bills: calls.reverse().map(({ payload: { cost, cost_source } }) => [cost, cost_source]),
  }
}

it('prices private models from the file, and the first call of a process like every other', async () => {
  const { stderr, bills: found } = await bills(
    pricesFile('{ "prices": [{ "model": "recovery-7b", "input": 0.25, "output": 0.5 }] }'),
  )
  expect(stderr).toBe('')
  expect(found).toEqual([
    [1, 'price_table'],
    [0.25, 'price_table'],
  ])
})

it('warns once in an agent process whose file cannot be used, and goes on with the table', async () => {
  const path = pricesFile('{ "prices": [{ "model": "recovery-7b" }] }')
  const { stderr, bills: found } = await bills(path)
  expect(stderr.match(/AurenWarning/g)).toHaveLength(1)
  expect(stderr).toContain(path)
  expect(found).toEqual([
    [undefined, undefined],
    [0.25, 'price_table'],
  ])
})

it('does not start a gateway whose file cannot be used, and says what is wrong', async () => {
  const path = pricesFile('{ "prices": [{ "model": "m", "input": "1", "output": 2 }] }')
  const gateway = auren(['gateway', '--port', '0', '--stream', temporaryLog()], { AUREN_PRICES_FILE: path })
  expect(await gateway.exited()).toBe(1)
  expect(gateway.stderr()).toContain(`${path}: /prices/0/input`)
})
