import type { AgentRun } from '../../instrumentation/agent.ts'
import type { Pace } from './pace.ts'
import { embed } from './models.ts'

interface Tier {
  readonly name: string
  /** Entries kept; the longest unused goes first. */
  readonly capacity: number
  /** Shortest and longest answer, milliseconds. */
  readonly latency: readonly [number, number]
  readonly entries: Map<string, string>
}

/**
 * Three real, small caches in front of each other: what is found further down is kept further up. Hits and misses come
 * from what was asked before, not from dice.
 */
export class MemoryTiers {
  readonly #tiers: readonly Tier[] = [
    { name: 'redis', capacity: 6, latency: [1, 6], entries: new Map() },
    { name: 'postgresql', capacity: 24, latency: [8, 40], entries: new Map() },
    { name: 'chromadb', capacity: 200, latency: [50, 160], entries: new Map() },
  ]

  /** Looks from the fastest tier to the slowest; undefined when nobody knows. */
  async recall(run: AgentRun, pace: Pace, key: string): Promise<string | undefined> {
    for (const [index, tier] of this.#tiers.entries()) {
      if (tier.name === 'chromadb') await embed(run, pace, key)
      const found = await this.#search(run, pace, tier, key)
      if (found === undefined) continue
      for (const kept of this.#tiers.slice(0, index + 1)) put(kept, key, found)
      return found
    }
    return undefined
  }

  async store(run: AgentRun, pace: Pace, key: string, value: string): Promise<void> {
    for (const tier of this.#tiers) {
      await run.memory({ tier: tier.name, operation: 'store' }, async (step) => {
        await wait(pace, tier)
        put(tier, key, value)
        step.items(1)
      })
    }
  }

  #search(run: AgentRun, pace: Pace, tier: Tier, key: string): Promise<string | undefined> {
    return run.memory({ tier: tier.name, operation: 'search', query: key }, async (step) => {
      await wait(pace, tier)
      const found = tier.entries.get(key)
      step.hit(found !== undefined)
      step.items(found === undefined ? 0 : 1)
      return found
    })
  }
}

function wait({ random, pass }: Pace, { latency: [low, high] }: Tier): Promise<void> {
  return pass(random.between(low, high))
}

function put(tier: Tier, key: string, value: string): void {
  tier.entries.delete(key)
  tier.entries.set(key, value)
  if (tier.entries.size <= tier.capacity) return
  for (const oldest of tier.entries.keys()) {
    tier.entries.delete(oldest)
    return
  }
}
