import type { MemorySummary } from '../../protocol/summary.ts'

export interface Tier {
  readonly name: string
  readonly accesses: number
  readonly hits: number
  readonly misses: number
  /** 0 to 1; undefined where no access said whether it found something. */
  readonly hitRate: number | undefined
  readonly errors: number
  /** Milliseconds; undefined where no access said how long it took. */
  readonly p50: number | undefined
  readonly p95: number | undefined
  readonly p99: number | undefined
}

export function tiersOf(memory: Readonly<Record<string, MemorySummary>>): Tier[] {
  return Object.entries(memory).map(([name, tier]) => ({
    name,
    accesses: tier.accesses,
    hits: tier.hits,
    misses: tier.misses,
    hitRate: tier.hit_rate ?? undefined,
    errors: Math.round(tier.error_rate * tier.accesses),
    p50: tier.p50_latency_ms || undefined,
    p95: tier.p95_latency_ms || undefined,
    p99: tier.p99_latency_ms || undefined,
  }))
}

/** Of all tiers together. Quantiles of several cannot be told from those of each. */
export function allTiers(tiers: readonly Tier[]): Pick<Tier, 'accesses' | 'errors' | 'hitRate'> {
  const sum = (key: 'accesses' | 'errors' | 'hits' | 'misses') => tiers.reduce((total, tier) => total + tier[key], 0)
  const asked = sum('hits') + sum('misses')
  return { accesses: sum('accesses'), errors: sum('errors'), hitRate: asked === 0 ? undefined : sum('hits') / asked }
}
