import { readFileSync, statSync } from 'node:fs'
import Type from 'typebox'
import type { Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { AurenError } from '../errors.ts'
import { lookUpInTable } from './price-table.ts'
import type { TablePrice } from './price-table.ts'
import { priceByTable, pricedBy } from './pricing.ts'
import type { PriceCall } from './pricing.ts'

const Name = Type.String({ minLength: 1, maxLength: 256 })
const UsdPerMillion = Type.Number({ minimum: 0 })

const PriceEntry = Type.Object(
  {
    model: Name,
    aliases: Type.Optional(Type.Array(Name)),
    /** As in `payload.provider`; without it the price holds whoever serves the model. */
    provider: Type.Optional(Name),
    input: UsdPerMillion,
    /** Default: as `input`. */
    cached_input: Type.Optional(UsdPerMillion),
    /** Default: as `input`. */
    cache_write: Type.Optional(UsdPerMillion),
    output: UsdPerMillion,
  },
  { additionalProperties: false },
)
type PriceEntry = Static<typeof PriceEntry>

const PriceFile = Compile(Type.Object({ prices: Type.Array(PriceEntry) }, { additionalProperties: false }))

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

function parse(path: string): readonly PriceEntry[] {
  const content = contentOf(path)
  if (PriceFile.Check(content)) return content.prices
  const [first] = PriceFile.Errors(content)
  throw invalid(`${path}: ${first?.instancePath || '/'} ${first?.message ?? 'is invalid'}`)
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
