import { readFileSync, statSync } from 'node:fs'
import { AurenError } from '../errors.ts'
import { lookUpInTable } from './price-table.ts'
import type { TablePrice } from './price-table.ts'
import { priceByTable, pricedBy } from './pricing.ts'
import type { PriceCall } from './pricing.ts'

interface PriceEntry {
  readonly model: string
  readonly aliases?: readonly string[]
  /** As in `payload.provider`; without it the price holds whoever serves the model. */
  readonly provider?: string
  readonly input: number
  /** Default: as `input`. */
  readonly cached_input?: number
  /** Default: as `input`. */
  readonly cache_write?: number
  readonly output: number
}

/** Bytes of a file of prices: some ten thousand models. */
const maxFileBytes = 1_048_576

/**
 * Prices by a file for private models and negotiated prices (docs/cost.md), and by the table for what is not in it. Without a
 * path: the table alone. Names are compared without case. Throws AUREN_PRICES_INVALID, which names the file and the place.
 */
export function pricesWithFile(path: string | undefined): PriceCall {
  if (!path) return priceByTable
  const own = readPrices(path)
  return pricedBy((model, provider, at) => {
    return own.get(keyOf(model, provider)) ?? own.get(keyOf(model, undefined)) ?? lookUpInTable(model, provider, at)
  })
}

function readPrices(path: string): ReadonlyMap<string, TablePrice> {
  const prices = new Map<string, TablePrice>()
  for (const [index, entry] of parse(path).entries()) {
    for (const model of [entry.model, ...(entry.aliases ?? [])]) {
      const key = keyOf(model, entry.provider)
      if (prices.has(key)) throw invalid(`${path}: /prices/${index} prices ${model} a second time`)
      prices.set(key, { prices: toPrices(entry), changes: false })
    }
  }
  return prices
}

function keyOf(model: string, provider: string | undefined): string {
  return `${provider ?? ''}\n${model}`.toLowerCase()
}

function toPrices({ input, cached_input, cache_write, output }: PriceEntry): TablePrice['prices'] {
  return {
    input_mtok: input,
    output_mtok: output,
    cache_read_mtok: cached_input ?? input,
    cache_write_mtok: cache_write ?? input,
  }
}

const isName = (value: unknown) => typeof value === 'string' && value.length > 0 && value.length <= 256
const isPrice = (value: unknown) => typeof value === 'number' && Number.isFinite(value) && value >= 0
const optional = (is: (value: unknown) => boolean) => (value: unknown) => value === undefined || is(value)

/** What each key of an entry may hold; by hand, since agent processes would load a library for schemas for this alone. */
const entryKeys: ReadonlyMap<string, { readonly is: (value: unknown) => boolean; readonly name: string }> = new Map(
  Object.entries({
    model: { is: isName, name: 'a name' },
    aliases: { is: optional((value) => Array.isArray(value) && value.every(isName)), name: 'a list of names' },
    provider: { is: optional(isName), name: 'a name' },
    input: { is: isPrice, name: 'a price' },
    cached_input: { is: optional(isPrice), name: 'a price' },
    cache_write: { is: optional(isPrice), name: 'a price' },
    output: { is: isPrice, name: 'a price' },
  } satisfies Record<keyof PriceEntry, unknown>),
)

function parse(path: string): readonly PriceEntry[] {
  const { prices, ...others } = asObject(contentOf(path), `${path}: /`)
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw invalid(`${path}: /${unknown} is not known`)
  if (!Array.isArray(prices)) throw invalid(`${path}: /prices must be a list`)
  return prices.map((entry, index) => checkEntry(entry, `${path}: /prices/${index}`))
}

function checkEntry(value: unknown, place: string): PriceEntry {
  const entry = asObject(value, place)
  for (const key of Object.keys(entry)) if (!entryKeys.has(key)) throw invalid(`${place}/${key} is not known`)
  for (const [key, { is, name }] of entryKeys) if (!is(entry[key])) throw invalid(`${place}/${key} must be ${name}`)
  return value as PriceEntry
}

function asObject(value: unknown, place: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw invalid(`${place} must be an object`)
}

function contentOf(path: string): unknown {
  try {
    const stats = statSync(path)
    // Reading a pipe would wait for ever.
    if (!stats.isFile()) throw invalid(`${path} is no file`)
    if (stats.size > maxFileBytes) throw invalid(`${path} has more than ${maxFileBytes} bytes`)
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof AurenError) throw error
    throw invalid(error instanceof SyntaxError ? `${path} is not JSON` : `${path} cannot be read`, error)
  }
}

function invalid(detail: string, cause?: unknown): AurenError {
  return new AurenError('AUREN_PRICES_INVALID', { detail, cause })
}
