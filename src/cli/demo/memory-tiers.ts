import { setTimeout as sleep } from 'node:timers/promises'
import type { AgentRun } from '../../instrumentation/agent.ts'
import { embed } from './model.ts'
import type { Random } from './random.ts'

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
  readonly #random: Random
  readonly #tiers: readonly Tier[] = [
    { name: 'redis', capacity: 6, latency: [1, 6], entries: new Map() },
    { name: 'postgresql', capacity: 24, latency: [8, 40], entries: new Map() },
    { name: 'chromadb', capacity: 200, latency: [50, 160], entries: new Map() },
  ]

  constructor(random: Random) {
    this.#random = random
  }

  /** Looks from the fastest tier to the slowest; undefined when nobody knows. */
  async recall(run: AgentRun, key: string): Promise<string | undefined> {
    for (const [index, tier] of this.#tiers.entries()) {
      if (tier.name === 'chromadb') await embed(run, key, this.#random)
      const found = await this.#search(run, tier, key)
      if (found === undefined) continue
      for (const faster of this.#tiers.slice(0, index)) put(faster, key, found)
      return found
    }
    return undefined
  }

  async store(run: AgentRun, key: string, value: string): Promise<void> {
    for (const tier of this.#tiers) {
      await run.memory({ tier: tier.name, operation: 'store' }, async (step) => {
        await this.#wait(tier)
        put(tier, key, value)
        step.items(1)
      })
    }
  }

  #search(run: AgentRun, tier: Tier, key: string): Promise<string | undefined> {
    return run.memory({ tier: tier.name, operation: 'search', query: key }, async (step) => {
      await this.#wait(tier)
      const found = tier.entries.get(key)
      step.hit(found !== undefined)
      step.items(found === undefined ? 0 : 1)
      return found
    })
  }

  #wait({ latency: [low, high] }: Tier): Promise<void> {
    return sleep(this.#random.between(low, high))
  }
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
