/** Quantiles are at most this share beside the true value. */
const accuracy = 0.01
const gamma = (1 + accuracy) / (1 - accuracy)
const logGamma = Math.log(gamma)
/** Smaller values count as zero: no latency is measured finer. */
const least = 1e-3

/**
 * DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB
 * 2019): counts of values by logarithmic bucket. Sketches merge without loss, in any order. Sparse, since a gateway holds
 * thousands with a few values each; the implementations on npm keep one dense array from the least bucket to the greatest.
 * From a microsecond to a year there are 1,800 buckets at the most.
 */
export class QuantileSketch {
  readonly #buckets = new Map<number, number>()
  #zeros = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Negative values count as zero. */
  add(value: number): void {
    this.#count += 1
    if (value < least) this.#zeros += 1
    else this.#put(Math.ceil(Math.log(value) / logGamma), 1)
  }

  merge(other: QuantileSketch): void {
    this.#count += other.#count
    this.#zeros += other.#zeros
    for (const [bucket, count] of other.#buckets) this.#put(bucket, count)
  }

  /** Nearest rank, for each `q` from 0 to 1 in ascending order; 0 when there are no values. */
  quantiles(...qs: readonly number[]): number[] {
    const ascending = [...this.#buckets].sort(([a], [b]) => a - b)
    let [index, below] = [-1, this.#zeros]
    return qs.map((q) => {
      const rank = Math.max(1, Math.ceil(q * this.#count))
      while (below < rank && index + 1 < ascending.length) below += ascending[(index += 1)]?.[1] ?? 0
      const bucket = ascending[index]
      return bucket === undefined ? 0 : (2 * gamma ** bucket[0]) / (gamma + 1)
    })
  }

  #put(bucket: number, count: number): void {
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count)
  }
}
