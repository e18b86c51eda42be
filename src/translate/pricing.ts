import type { ModelPrice } from '@pydantic/genai-prices'
import { lookUpInTable } from './price-table.ts'
import type { LookUp } from './price-table.ts'

export interface PricedCall {
  /** The model that answered. */
  readonly model: string | undefined
  /** The model that was asked for. */
  readonly requestModel?: string | undefined
  readonly provider?: string | undefined
  /** Milliseconds since the epoch at which the call ended: providers with cheaper hours bill by it. */
  readonly atMs: number
  /** Cached and cache-written tokens included. undefined: unknown, which is not 0. */
  readonly inputTokens?: number | undefined
  /** Reasoning tokens included. */
  readonly outputTokens?: number | undefined
  readonly cachedInputTokens?: number | undefined
  readonly cacheWriteTokens?: number | undefined
  readonly reasoningTokens?: number | undefined
}

/** USD, or undefined when no price is known. */
export type PriceCall = (call: PricedCall) => number | undefined

/** Models whose prices are remembered; names come from spans, so there may be any number of them. */
const modelsKept = 1_000
/** Prices that change with time do so on the minute. */
const minuteMs = 60_000

interface Remembered {
  readonly prices: ModelPrice | undefined
  /** Minute for which the prices were found; undefined: they hold at any time. */
  readonly minute: number | undefined
}

/**
 * Prices calls by what `lookUp` finds for the model that answered, else for the one that was asked for. Matching a name takes
 * the table up to 0.2 ms, so what it found is remembered.
 */
export function pricedBy(lookUp: LookUp): PriceCall {
  const remembered = new Map<string, Remembered>()
  const pricesOf = (model: string | undefined, { provider, atMs }: PricedCall): ModelPrice | undefined => {
    if (model === undefined) return undefined
    const key = `${provider ?? ''}\n${model}`
    const minute = Math.floor(atMs / minuteMs)
    const known = remembered.get(key)
    if (known !== undefined && (known.minute === undefined || known.minute === minute)) return known.prices
    const found = lookUp(model, provider, new Date(atMs))
    if (remembered.size >= modelsKept) remembered.clear()
    remembered.set(key, { prices: found?.prices, minute: found?.changes ? minute : undefined })
    return found?.prices
  }
  return (call) => {
    try {
      const prices = pricesOf(call.model, call) ?? pricesOf(call.requestModel, call)
      return prices && costOf(call, prices)
    } catch {
      return undefined
    }
  }
}

/** Prices by the bundled table alone. */
export const priceByTable = pricedBy(lookUpInTable)

/**
 * What the call costs: cached, cache-written and reasoning tokens at their own rates where they have one, else as the input or
 * output that they are a part of. Undefined where counts contradict each other, or where a count that costs something is
 * unknown. The same arithmetic as the library's for these counts (a test compares them), which takes it 40 µs.
 */
function costOf(call: PricedCall, prices: ModelPrice): number | undefined {
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens: cached = 0, cacheWriteTokens: written = 0 } = call
  const { reasoningTokens: reasoning = 0 } = call
  const rate = (name: string) => rateOf(prices[name], inputTokens)
  const [input, output] = [rate('input_mtok'), rate('output_mtok')]
  if (input === undefined && output === undefined) return undefined
  if ((input && call.inputTokens === undefined) || (output && call.outputTokens === undefined)) return undefined
  const [plainInput, plainOutput] = [inputTokens - cached - written, outputTokens - reasoning]
  if (Math.min(plainInput, cached, written, plainOutput, reasoning) < 0) return undefined
  const cost = (tokens: number, price = 0) => (tokens * price) / 1e6
  return (
    (rate('requests_kcount') ?? 0) / 1e3 +
    cost(plainInput, input) +
    cost(cached, rate('cache_read_mtok') ?? input) +
    cost(written, rate('cache_write_mtok') ?? input) +
    cost(plainOutput, output) +
    cost(reasoning, rate('output_reasoning_mtok') ?? output)
  )
}

/** USD per million. A tier that is reached prices all tokens of the call, not only those above it. */
function rateOf(price: ModelPrice[string], inputTokens: number): number | undefined {
  if (typeof price !== 'object') return price
  return price.tiers.reduce((rate, tier) => (inputTokens > tier.start ? tier.price : rate), price.base)
}
