import { TokenBucket } from '../token-bucket.ts'

/** Events that a token lets one connection be sent in a minute. What it leaves out is counted until the client was told. */
export class Budget {
  readonly #bucket: TokenBucket
  readonly #onSkipped: () => void
  #skipped = 0

  constructor(perMinute: number, onSkipped: () => void) {
    this.#bucket = new TokenBucket(perMinute, 60_000)
    this.#onSkipped = onSkipped
  }

  /** Whether one more may be sent; when not, it counts as left out. */
  take(): boolean {
    if (this.#bucket.take()) return true
    this.#skipped += 1
    this.#onSkipped()
    return false
  }

  /** How many were left out since it was last asked. */
  settle(): number {
    const skipped = this.#skipped
    this.#skipped = 0
    return skipped
  }
}
