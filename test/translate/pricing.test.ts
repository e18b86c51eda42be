import { createRequire } from 'node:module'
import type * as GenAiPrices from '@pydantic/genai-prices'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lookUpInTable } from '../../src/translate/price-table.ts'
import { priceByTable, pricedBy } from '../../src/translate/pricing.ts'
import type { PricedCall } from '../../src/translate/pricing.ts'

const { calcPrice } = createRequire(import.meta.url)('@pydantic/genai-prices') as typeof GenAiPrices

const atMs = Date.UTC(2026, 10, 21, 12)
const price = (call: Partial<PricedCall>) => priceByTable({ model: undefined, atMs, ...call })

describe('the price of a call', () => {
  it('is that of the fresh and the cached input and of the output (OpenAI)', () => {
    // 0.25, 0.025 and 2 USD per million.
    const call = { model: 'gpt-5-mini-2025-08-07', provider: 'openai', inputTokens: 10_000, outputTokens: 1_000 }
    expect(price({ ...call, cachedInputTokens: 8_000 })).toBeCloseTo(
      (2_000 * 0.25 + 8_000 * 0.025 + 1_000 * 2) / 1e6,
      12,
    )
  })

  it('is that of what was read from and written to the cache (Anthropic)', () => {
    // 3, 0.3, 3.75 and 15 USD per million.
    const call = { model: 'claude-sonnet-4-5-20250929', provider: 'anthropic', inputTokens: 10_000, outputTokens: 500 }
    expect(price({ ...call, cachedInputTokens: 6_000, cacheWriteTokens: 3_000 })).toBeCloseTo(
      (1_000 * 3 + 6_000 * 0.3 + 3_000 * 3.75 + 500 * 15) / 1e6,
      12,
    )
  })

  it('takes all tokens of a long prompt at the price of its tier (Gemini)', () => {
    const gemini = { model: 'gemini-2.5-pro', provider: 'gcp.gemini', outputTokens: 1_000 }
    expect(price({ ...gemini, inputTokens: 200_000 })).toBeCloseTo((200_000 * 1.25 + 1_000 * 10) / 1e6, 12)
    expect(price({ ...gemini, inputTokens: 200_001 })).toBeCloseTo((200_001 * 2.5 + 1_000 * 15) / 1e6, 12)
  })

  it('bills reasoning as the output it is a part of, once, or at its own price where it has one', () => {
    const call = { inputTokens: 100, outputTokens: 1_000, reasoningTokens: 800 }
    const o4 = { ...call, model: 'o4-mini', provider: 'openai' }
    expect(price(o4)).toBeCloseTo((100 * 1.1 + 1_000 * 4.4) / 1e6, 12)
    expect(price(o4)).toBeCloseTo(price({ ...o4, reasoningTokens: 0 }) ?? 0, 12)
    expect(price({ ...call, model: 'sonar-deep-research', provider: 'perplexity' })).toBeCloseTo(
      (100 * 2 + 200 * 8 + 800 * 3) / 1e6,
      12,
    )
  })

  it('needs no output for embeddings, and counts what a provider asks for each request', () => {
    expect(price({ model: 'text-embedding-3-small', provider: 'openai', inputTokens: 1_000 })).toBeCloseTo(0.000_02, 12)
    expect(price({ model: 'sonar', provider: 'perplexity', inputTokens: 0, outputTokens: 0 })).toBeCloseTo(0.012, 12)
  })

  it('is the price of the moment the call ended', () => {
    const cost = (at: number) =>
      price({ model: 'deepseek-chat', provider: 'deepseek', inputTokens: 1e6, outputTokens: 0, atMs: at })
    expect(cost(Date.UTC(2026, 0, 5, 0, 29, 59, 999))).toBeCloseTo(0.135, 12)
    expect(cost(Date.UTC(2026, 0, 5, 0, 30))).toBeCloseTo(0.27, 12)
    expect(cost(Date.UTC(2026, 0, 5, 17))).toBeCloseTo(0.135, 12)
    const o3 = (at: number) => price({ model: 'o3', provider: 'openai', inputTokens: 1e6, outputTokens: 0, atMs: at })
    expect([o3(Date.UTC(2025, 5, 9)), o3(Date.UTC(2025, 5, 11))]).toEqual([10, 2])
  })

  it.each([
    { case: 'the model is unknown', call: { model: 'our-own-7b', provider: 'openai' } },
    { case: 'the output is unknown', call: { model: 'gpt-5-mini', outputTokens: undefined } },
    { case: 'the input is unknown', call: { model: 'gpt-5-mini', inputTokens: undefined } },
    { case: 'more came from the cache than there was', call: { model: 'gpt-5-mini', cachedInputTokens: 101 } },
    { case: 'more was reasoned than said', call: { model: 'gpt-5-mini', reasoningTokens: 51 } },
    { case: 'nobody says which model it was', call: {} },
  ])('is unknown when $case', ({ call }) => {
    expect(price({ inputTokens: 100, outputTokens: 50, ...call })).toBeUndefined()
  })
})

describe('whose price it is', () => {
  const tokens = { inputTokens: 1e6, outputTokens: 0 }

  it.each([
    ['azure.ai.openai', 'gpt-4o', 2.5],
    ['aws.bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', 3.3],
    ['gcp.vertex_ai', 'gemini-2.5-flash', 0.3],
    ['gcp.gen_ai', 'gemini-2.5-flash', 0.3],
    ['mistral_ai', 'mistral-large-latest', 2],
    ['x_ai', 'grok-4', 3],
    ['moonshot_ai', 'kimi-k2-0905-preview', 0.6],
    ['cohere', 'command-r', 0.15],
    ['perplexity', 'sonar-deep-research', 2],
  ])('%s, as the conventions name it, is found', (provider, model, usd) => {
    expect(price({ ...tokens, provider, model })).toBeCloseTo(usd, 9)
  })

  it("is the maker's when a gateway answers the OpenAI protocol for a model that only its maker serves", () => {
    expect(price({ ...tokens, provider: 'openai', model: 'claude-3-5-haiku-20241022' })).toBeCloseTo(0.8, 9)
    expect(price({ ...tokens, provider: 'openai', model: 'openai/gpt-4o-mini' })).toBeCloseTo(0.15, 9)
  })

  it.each([
    ['ollama', 'deepseek-r1'],
    ['openai', 'deepseek-r1'],
    ['ollama', 'gpt-oss:20b'],
    ['lm_studio', 'mistral-large-latest'],
  ])('is nobody’s when %s may run the open weights of %s itself', (provider, model) => {
    expect(price({ ...tokens, provider, model })).toBeUndefined()
  })

  it('is that of the model that was asked for when the one that answered is not known', () => {
    const asked = { ...tokens, provider: 'openai', requestModel: 'gpt-4o-mini' }
    expect(price({ ...asked, model: 'gpt-4o-mini-of-tomorrow' })).toBeCloseTo(0.15, 9)
    expect(price({ ...asked, model: 'gpt-4o' })).toBeCloseTo(2.5, 9)
  })
})

describe('the arithmetic', () => {
  it('gives what the library gives, for any counts and any time', () => {
    const models = fc.constantFrom(
      ...([
        ['openai', 'gpt-5-mini'],
        ['openai', 'gpt-5.6-sol'],
        ['openai', 'o3'],
        ['anthropic', 'claude-opus-4-6'],
        ['anthropic', 'claude-sonnet-4-5'],
        ['google', 'gemini-2.5-pro'],
        ['deepseek', 'deepseek-v4-pro'],
        ['perplexity', 'sonar-deep-research'],
        ['perplexity', 'sonar'],
        ['mistral', 'mistral-medium-latest'],
        ['x-ai', 'grok-4'],
        ['aws', 'global.openai.gpt-5.6-luna'],
        ['voyageai', 'voyage-3'],
      ] as const),
    )
    const counts = fc.array(fc.nat(200_000), { minLength: 5, maxLength: 5 })
    const moments = fc.integer({ min: Date.UTC(2025, 0), max: Date.UTC(2027, 5) })
    fc.assert(
      fc.property(models, counts, moments, ([provider, model], [fresh, read, write, spoken, reasoning], at) => {
        const [inputTokens, outputTokens] = [fresh! + read! + write!, spoken! + reasoning!]
        const ours = priceByTable({
          provider,
          model,
          atMs: at,
          inputTokens,
          outputTokens,
          cachedInputTokens: read,
          cacheWriteTokens: write,
          reasoningTokens: reasoning,
        })
        const usage = {
          input_tokens: inputTokens,
          output_tokens: outputTokens,
          cache_read_tokens: read,
          cache_write_tokens: write,
          output_reasoning_tokens: reasoning,
        }
        const theirs = calcPrice(usage, model, { providerId: provider, timestamp: new Date(at) })
        expect(ours).toBeCloseTo(theirs?.total_price ?? Number.NaN, 9)
      }),
      { numRuns: 500 },
    )
  })
})

describe('what is remembered of a model', () => {
  it('spares the table a second look, also for a model that it does not have', () => {
    const asked: string[] = []
    const priced = pricedBy((model, provider, at) => {
      asked.push(model)
      return lookUpInTable(model, provider, at)
    })
    const call = { provider: 'openai', atMs, inputTokens: 1, outputTokens: 1 }
    for (const model of ['gpt-5-mini', 'nobody-knows', 'gpt-5-mini', 'nobody-knows']) priced({ ...call, model })
    expect(asked).toEqual(['gpt-5-mini', 'nobody-knows'])
  })

  it('is looked up again in another minute where the price depends on the time', () => {
    const asked: Date[] = []
    const priced = pricedBy((model, provider, at) => {
      asked.push(at)
      return lookUpInTable(model, provider, at)
    })
    const call = { model: 'deepseek-chat', provider: 'deepseek', inputTokens: 1, outputTokens: 1 }
    for (const at of [0, 59_999, 60_000]) priced({ ...call, atMs: Date.UTC(2026, 0, 5) + at })
    expect(asked).toHaveLength(2)
  })
})
