import { AurenError } from '../errors.ts'
import type { AurenErrorCode } from '../errors.ts'

export interface RetryDelays {
  /** Milliseconds before the first retry, doubled with each failure. */
  readonly minMs: number
  /** Milliseconds at the most. */
  readonly maxMs: number
}

/** What does not go by itself is not asked for often: milliseconds between attempts, times one to two. */
const slowly: Readonly<Partial<Record<AurenErrorCode, number>>> = {
  AUREN_STREAM_FULL: 5_000,
  AUREN_STREAM_REFUSED: 30_000,
  AUREN_STREAM_WRONG_TYPE: 30_000,
  AUREN_STREAM_URL_INVALID: 30_000,
}

/** Milliseconds until the next attempt: exponential with full jitter, so that many processes do not come back at once. */
export function retryDelay(error: unknown, failures: number, { minMs, maxMs }: RetryDelays): number {
  const code = codeOf(error)
  const least = Math.min(maxMs, (code && slowly[code]) ?? 0)
  const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, 20))
  return Math.max(least * (1 + Math.random()), Math.random() * ceiling)
}

/** Our code for what went wrong, if it has one. An append tells why in its cause. */
export function codeOf(error: unknown): AurenErrorCode | undefined {
  if (!(error instanceof AurenError)) return undefined
  return error.code === 'AUREN_APPEND_FAILED' ? codeOf(error.cause) : error.code
}
