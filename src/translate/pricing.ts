import type { calcPrice } from '@pydantic/genai-prices'

export interface PricedCall {
  readonly model: string
  readonly provider?: string | undefined
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cachedInputTokens: number
  readonly cacheWriteTokens: number
}

/** USD, or undefined when no price is known. */
export type PriceCall = (call: PricedCall) => number | undefined

/** Provider names of the conventions → ids of the price table, where they differ. */
const priceTableIds: Readonly<Record<string, string>> = {
  'azure.ai.openai': 'azure',
  'azure.ai.inference': 'azure',
  'aws.bedrock': 'aws',
  'gcp.gemini': 'google',
  'gcp.vertex_ai': 'google',
  'gcp.gen_ai': 'google',
  mistral_ai: 'mistral',
  x_ai: 'x-ai',
  moonshot_ai: 'moonshotai',
}

let calculate: typeof calcPrice | undefined
let loading: Promise<void> | undefined

/**
 * Loads the price table of genai-prices (about 0.8 MB, maintained by Pydantic). Calls are unpriced until it is there, so
 * an agent loads it while it starts and not in the middle of a run.
 */
export function loadPrices(): Promise<void> {
  loading ??= import('@pydantic/genai-prices').then(
    (prices) => void (calculate = prices.calcPrice),
    () => void (loading = undefined),
  )
  return loading
}

/**
 * Price by the bundled table: cached and cache-written tokens at their own rates, reasoning tokens as output, of which
 * they are a part. A model the table does not know, or counts that contradict each other, give no price.
 */
export const priceByTable: PriceCall = (call) => {
  const usage = {
    input_tokens: call.inputTokens,
    output_tokens: call.outputTokens,
    cache_read_tokens: call.cachedInputTokens,
    cache_write_tokens: call.cacheWriteTokens,
  }
  if (usage.cache_read_tokens + usage.cache_write_tokens > usage.input_tokens) return undefined
  const providerId = call.provider === undefined ? undefined : (priceTableIds[call.provider] ?? call.provider)
  try {
    const priced = calculate?.(usage, call.model, providerId === undefined ? {} : { providerId })
    return (priced ?? calculate?.(usage, call.model))?.total_price
  } catch {
    return undefined
  }
}
