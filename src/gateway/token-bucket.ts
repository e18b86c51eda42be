/** Allows so many things a period, evenly refilled; a full bucket may be emptied at once. */
export class TokenBucket {
  readonly #capacity: number
  readonly #periodMs: number
  readonly #now: () => number
  #tokens: number
  #filledAt: number

  constructor(capacity: number, periodMs: number, now: () => number = () => performance.now()) {
    this.#capacity = capacity
    this.#periodMs = periodMs
    this.#now = now
    this.#tokens = capacity
    this.#filledAt = now()
  }

  /** Whether one more is allowed now. */
  take(): boolean {
    const now = this.#now()
    const refill = ((now - this.#filledAt) / this.#periodMs) * this.#capacity
    this.#tokens = Math.min(this.#capacity, this.#tokens + refill)
    this.#filledAt = now
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
