import type { Encoding } from './encoding.ts'

/** Where one connection's bytes go. */
export interface Sink {
  readonly encoding: Encoding
  /** Whether anything that was written before waits for the client. */
  readonly isBehind: boolean
  /** Whether what was written before waits for the client: nothing is to be written until it has drained. */
  readonly isBlocked: boolean
  /** Writes whole messages of this encoding, joined, in one go; false when it is blocked now. */
  write(bytes: Buffer): boolean
  /** Calls back each time that the client has taken what waited for it. */
  onDrained(listener: () => void): void
}
