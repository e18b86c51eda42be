import { retryDelay } from './retry-delay.ts'
import type { RetryDelays } from './retry-delay.ts'

/** Events of one append while all is well. */
const maxBatchEvents = 256

/** How a write that failed is tried again: after a time that grows, and with fewer events, since a slow link may not carry so many in time. */
export class Retries {
  readonly #delays: RetryDelays
  /** Failures since the last success. */
  failures = 0
  /** Failures ever. */
  count = 0
  /** Events of the next append. */
  batchEvents = maxBatchEvents
  /** What went wrong last, until a write succeeds. */
  cause: unknown
  #wake: (() => void) | undefined

  constructor(delays: RetryDelays) {
    this.#delays = delays
  }

  failed(error: unknown): void {
    this.failures += 1
    this.count += 1
    this.cause = error
    this.batchEvents = Math.ceil(this.batchEvents / 4)
  }

  succeeded(): void {
    this.failures = 0
    this.cause = undefined
    this.batchEvents = Math.min(maxBatchEvents, this.batchEvents * 2)
  }

  /** Waits until it is time for the next attempt, or until it is woken. */
  async wait(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, retryDelay(this.cause, this.failures, this.#delays)).unref()
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }

  /** Makes the next attempt at once. */
  wake(): void {
    this.#wake?.()
  }
}
