import type { AurenEvent } from '../../events/event.ts'
import type { MemorySummary } from '../../protocol/summary.ts'
import { QuantileSketch } from './quantile-sketch.ts'

/** Accesses to one tier of memory in one stretch of time. */
export class MemoryTally {
  readonly #latencies = new QuantileSketch()
  #accesses = 0
  #hits = 0
  #misses = 0
  #failures = 0

  add({ cache_hit: hit }: AurenEvent['payload'], latencyMs: number | undefined, success: boolean): void {
    this.#accesses += 1
    if (hit === true) this.#hits += 1
    if (hit === false) this.#misses += 1
    if (!success) this.#failures += 1
    if (latencyMs !== undefined) this.#latencies.add(latencyMs)
  }

  merge(other: MemoryTally): void {
    this.#latencies.merge(other.#latencies)
    this.#accesses += other.#accesses
    this.#hits += other.#hits
    this.#misses += other.#misses
    this.#failures += other.#failures
  }

  summary(): MemorySummary {
    const [p50 = 0, p95 = 0, p99 = 0] = this.#latencies.quantiles(0.5, 0.95, 0.99)
    const told = this.#hits + this.#misses
    return {
      accesses: this.#accesses,
      hits: this.#hits,
      misses: this.#misses,
      hit_rate: told === 0 ? null : this.#hits / told,
      error_rate: this.#failures / this.#accesses,
      p50_latency_ms: p50,
      p95_latency_ms: p95,
      p99_latency_ms: p99,
    }
  }
}
