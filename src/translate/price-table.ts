import { createRequire } from 'node:module'
import type * as GenAiPrices from '@pydantic/genai-prices'
import type { ModelPrice, PriceCalculationResult } from '@pydantic/genai-prices'

/** Finds the prices of a model at a moment. undefined: not in the table. */
export type LookUp = (model: string, provider: string | undefined, at: Date) => TablePrice | undefined

export interface TablePrice {
  readonly prices: ModelPrice
  /** Whether another moment may have another price: a date from which it changes, or cheaper hours. */
  readonly changes: boolean
}

/** Provider names of the conventions → ids of the price table, where it does not know them by itself. */
const priceTableIds: Readonly<Record<string, string>> = {
  'azure.ai.openai': 'azure',
  'azure.ai.inference': 'azure',
  'gcp.gen_ai': 'google',
  x_ai: 'x-ai',
}

/** Whose models are served under these names by nobody who asks another price than their maker's: others may run at home. */
const closedMakers = new Set(['openai', 'anthropic', 'google', 'x-ai'])

let library: typeof GenAiPrices | undefined

/**
 * Loads the table of genai-prices (about 0.5 MB, maintained by Pydantic), which stops the process for some 80 ms once. It
 * happens by itself at the first look-up; call it earlier, at a moment when the process waits anyway.
 */
export function loadPriceTable(): void {
  library ??= createRequire(import.meta.url)('@pydantic/genai-prices') as typeof GenAiPrices
}

/**
 * Prices that the stated provider asks for the model; where the table does not have them, those of the model's maker: a
 * client of the OpenAI protocol says `openai` whoever answers. A model with open weights is priced for a provider that the
 * table knows, and never for one that it does not, which may be the machine under the desk.
 */
export const lookUpInTable: LookUp = (model, provider, at) => {
  loadPriceTable()
  const stated = provider === undefined ? undefined : ask(model, priceTableIds[provider] ?? provider, at)
  const found = stated ?? byName(model, provider, at)
  return found ? { prices: found.model_price, changes: Array.isArray(found.model.prices) } : undefined
}

function byName(model: string, provider: string | undefined, at: Date): PriceCalculationResult {
  // What the library does for LiteLLM: `provider/model` where it knows the provider, else the name alone.
  const found = ask(model, 'litellm', at)
  return provider === undefined || (found && closedMakers.has(found.provider.id)) ? found : null
}

function ask(model: string, providerId: string, timestamp: Date): PriceCalculationResult {
  return library?.calcPrice({}, model, { providerId, timestamp }) ?? null
}
