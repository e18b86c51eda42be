import { invalidUrl } from './stream-url.ts'

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The query of a stream's URL. Throws AUREN_STREAM_URL_INVALID, which names the option and repeats no value. */
export class UrlOptions {
  readonly #values: URLSearchParams

  constructor(query: string) {
    this.#values = new URLSearchParams(query)
  }

  take(name: string): string | undefined {
    const value = this.#values.get(name)
    this.#values.delete(name)
    return value ?? undefined
  }

  oneOf(name: string, allowed: { has(value: string): boolean; keys(): Iterable<string> }, otherwise: string): string {
    const value = this.take(name)?.toLowerCase() ?? otherwise
    if (!allowed.has(value)) throw invalidUrl(`${name} is to be one of ${[...allowed.keys()].join(', ')}`)
    return value
  }

  whole(name: string, otherwise: number, max: number): number {
    const text = this.take(name)
    if (text === undefined) return otherwise
    if (!/^[1-9]\d*$/.test(text) || Number(text) > max) throw invalidUrl(`${name} is to be a whole number, 1 to ${max}`)
    return Number(text)
  }

  duration(name: string, otherwise: number): number {
    const text = this.take(name)
    if (text === undefined) return otherwise
    const [, count, unit = ''] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? []
    if (count === undefined) throw invalidUrl(`${name} is to be like 90m, 12h or 7d`)
    return Number(count) * (unitMs[unit] ?? 0)
  }

  /** What was not taken, as a query, if there is any. */
  get rest(): string {
    return this.#values.size === 0 ? '' : `?${this.#values.toString()}`
  }

  assertAllKnown(): void {
    const [unknown] = this.#values.keys()
    if (unknown !== undefined) throw invalidUrl('an option is not known; docs/streams.md lists them')
  }
}
