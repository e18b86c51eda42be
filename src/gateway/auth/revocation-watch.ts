import type { FastifyBaseLogger } from 'fastify'
import { closings } from '../../protocol/close-codes.ts'
import type { Closing } from '../../protocol/close-codes.ts'
import type { Principal } from '../principal.ts'
import type { Revocations } from './revocations.ts'

/** Milliseconds between two looks at the list of revoked tokens. */
const lookMs = 5_000

interface Revocable {
  readonly principal: Principal | undefined
  close(closing: Closing): void
}

/** Keeps the list of revoked tokens up to date, and ends the connections of those that come onto it. */
export class RevocationWatch {
  readonly #list: Revocations | undefined
  readonly #connections: Iterable<Revocable>
  readonly #log: FastifyBaseLogger
  readonly #timer: NodeJS.Timeout | undefined

  /** Without a list there is nothing to watch. */
  constructor(list: Revocations | undefined, connections: Iterable<Revocable>, log: FastifyBaseLogger) {
    this.#list = list
    this.#connections = connections
    this.#log = log
    this.#timer = this.#list && setInterval(() => this.look(), lookMs)
  }

  /** A list that has become unusable changes nothing: what was revoked stays so. */
  look(): void {
    const list = this.#list
    try {
      if (list?.reload() !== true) return
    } catch (error) {
      this.#log.error(
        { code: (error as { code?: string }).code },
        'the list of revoked tokens cannot be used; the old one holds',
      )
      return
    }
    for (const connection of this.#connections) {
      if (connection.principal && list.has(connection.principal)) connection.close(closings.tokenRevoked)
    }
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
