import type { FastifyBaseLogger } from 'fastify'

/** Where a request came from, for the log: never what it held. */
export interface Caller {
  readonly address: string | undefined
  readonly origin: string | undefined
}

/** Milliseconds between two lines of the log about refused tokens: who tries them cannot fill it. */
const quietMs = 10_000
/** Longest origin that is logged, in characters. */
const maxOrigin = 100

/** Logs that tokens are refused, and to whom. */
export class Refusals {
  readonly #log: FastifyBaseLogger
  #loggedAt = -Infinity
  #count = 0

  constructor(log: FastifyBaseLogger) {
    this.#log = log
  }

  note({ address, origin }: Caller): void {
    this.#count += 1
    const now = performance.now()
    if (now - this.#loggedAt < quietMs) return
    this.#log.warn({ address, origin: origin?.slice(0, maxOrigin), refused: this.#count }, 'a token was refused')
    this.#loggedAt = now
    this.#count = 0
  }
}
