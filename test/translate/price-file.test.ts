import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pricesWithFile } from '../../src/translate/price-file.ts'
import { temporaryFolder } from '../support/processes.ts'

const call = { atMs: 0, inputTokens: 1_000_000, outputTokens: 1_000_000 }

function aFile(content: unknown): string {
  const path = join(temporaryFolder(), 'prices.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

it('prices private models by their names and aliases, and negotiated ones before the table', () => {
  const price = pricesWithFile(
    aFile({
      prices: [
        { model: 'recovery-7b', aliases: ['recovery-latest'], input: 0.1, cached_input: 0.01, output: 0.4 },
        { model: 'gpt-5-mini', provider: 'azure.ai.openai', input: 0.2, output: 1 },
      ],
    }),
  )
  expect(price({ ...call, model: 'Recovery-7B', provider: 'vllm' })).toBeCloseTo(0.5, 9)
  expect(price({ ...call, model: 'recovery-latest', cachedInputTokens: 1_000_000 })).toBeCloseTo(0.41, 9)
  expect(price({ ...call, model: 'recovery-7b', cacheWriteTokens: 1_000_000 })).toBeCloseTo(0.5, 9)
  expect(price({ ...call, model: 'gpt-5-mini', provider: 'azure.ai.openai' })).toBeCloseTo(1.2, 9)
  expect(price({ ...call, model: 'gpt-5-mini', provider: 'openai' })).toBeCloseTo(2.25, 9)
  expect(price({ ...call, model: 'somebody-elses-7b', provider: 'vllm' })).toBeUndefined()
})

const entry = { model: 'm', input: 1, output: 2 }

it.each([
  ['{"prices": [', 'is not JSON'],
  [{ prices: [{ ...entry, input: -1 }] }, '/prices/0/input'],
  [{ prices: [{ model: 'm', input: 1 }] }, 'output'],
  [{ prices: [{ ...entry, reasoning: 1 }] }, '/prices/0'],
  [{ prices: [entry, { ...entry, model: 'n', aliases: ['M'] }] }, '/prices/1 prices M a second time'],
  [{ prices: [{ ...entry, aliases: ['n', ''] }] }, '/prices/0/aliases'],
  [{ prices: [entry], currency: 'EUR' }, '/currency'],
  [{}, '/prices'],
  [[entry], 'must be an object'],
  ['x'.repeat(1_048_577), 'more than 1048576 bytes'],
])('refuses a file such as %j and names the place', (content, named) => {
  const path = aFile(content)
  expect(() => pricesWithFile(path)).toThrow(expect.objectContaining({ code: 'AUREN_PRICES_INVALID' }))
  expect(() => pricesWithFile(path)).toThrow(named)
})

it('refuses what is missing, a folder and a pipe, without waiting for any of them', () => {
  const folder = temporaryFolder()
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  for (const path of [join(folder, 'missing.json'), folder, pipe])
    expect(() => pricesWithFile(path)).toThrow(expect.objectContaining({ code: 'AUREN_PRICES_INVALID' }))
})
