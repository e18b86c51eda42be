import type { Gap } from '../../protocol/server-messages.ts'
import type { Reader } from './reader.ts'

/** What a client is owed that came with `resume`: one answer, and word when the replay is over. */
export class Resumption {
  readonly #reader: Reader
  /** Cursor that was given, until it is answered. */
  #asked: string | undefined
  #isReplaying: boolean

  constructor(reader: Reader, cursor: string | undefined) {
    this.#reader = reader
    this.#asked = cursor
    this.#isReplaying = cursor !== undefined
  }

  get asked(): string | undefined {
    return this.#asked
  }

  /** The first time only; later gaps speak for themselves. */
  answer(mode: 'live' | 'replay', from: string | undefined, reason?: Exclude<Gap['reason'], 'rate_limit'>): void {
    if (this.#asked === undefined) return
    this.#asked = undefined
    const isOk = reason === undefined
    this.#reader.send({ type: 'resume_result', ok: isOk, from: from ?? null, mode, ...(reason && { reason }) })
    this.#reader.resumed(reason ?? 'ok')
    if (reason === 'invalid_cursor') this.#isReplaying = false
  }

  caughtUp(cursor: string): void {
    if (this.#isReplaying) this.#reader.send({ type: 'caught_up', id: cursor })
    this.#isReplaying = false
  }
}
