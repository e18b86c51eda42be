/** Longest timer Node knows, milliseconds. */
const maxTimerMs = 2 ** 31 - 1
/** Milliseconds before its end at which a client is told that its token runs out. */
const noticeMs = 60_000

/** The end of the token of a live connection. */
export class Expiry {
  readonly #onExpired: () => void
  readonly #onNotice: (expiresAt: number) => void
  #timer: NodeJS.Timeout | undefined

  constructor(onExpired: () => void, onNotice: (expiresAt: number) => void = () => undefined) {
    this.#onExpired = onExpired
    this.#onNotice = onNotice
  }

  /** Milliseconds since the epoch, instead of what was said before; null: never. */
  at(expiresAt: number | null): void {
    this.clear()
    if (expiresAt === null) return
    const left = expiresAt - Date.now()
    if (left <= 0) return this.#onExpired()
    if (left <= noticeMs) this.#onNotice(expiresAt)
    const wait = left > noticeMs ? left - noticeMs : left
    this.#timer = setTimeout(() => this.at(expiresAt), Math.min(wait, maxTimerMs))
  }

  clear(): void {
    clearTimeout(this.#timer)
  }
}
