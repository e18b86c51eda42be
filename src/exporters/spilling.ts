import type { Backlog } from './backlog.ts'
import type { Retries } from './retries.ts'
import type { WriterState } from './writer-stats.ts'

export interface SpillingOptions {
  readonly backlog: Backlog
  readonly retries: Retries
  /** Without a disk events stay in memory, and only an outage is a change. */
  readonly hasDisk: boolean
  /** Milliseconds after a failed write, without a successful one, after which events go to disk. */
  readonly afterMs: number
  readonly onStateChange: ((state: WriterState, cause: unknown, diskCause?: unknown) => void) | undefined
}

/** How much longer a stream may be silent than failing: a first connection on a busy machine takes its time. */
const patience = 4
/** Milliseconds between moves of new events to disk: what a killed process can lose of them. */
const spillMs = 100
/** Milliseconds after which a disk that refused events is tried again. */
const diskRetryMs = 5_000

/** Moves what waits to disk from the time on at which no write succeeds, until one does. */
export class Spilling {
  readonly #options: SpillingOptions
  /** Runs out when no write succeeds in time. */
  #watchdog: NodeJS.Timeout | undefined
  #spooled = Promise.withResolvers<void>()
  #state: WriterState = 'writing'

  constructor(options: SpillingOptions) {
    this.#options = options
  }

  get state(): WriterState {
    return this.#state
  }

  /** Resolves when everything that waited is on disk. */
  get spooled(): Promise<void> {
    return this.#spooled.promise
  }

  /** A write begins. */
  began(): void {
    if (this.#watchdog === undefined) this.#spillAfter(this.#options.afterMs * patience)
  }

  /** The first write failed. */
  failed(): void {
    if (this.#state === 'writing') this.#spillAfter(this.#options.afterMs)
  }

  /** Only a stream that answers in time, and is told everything, is well again: one that is slow would come and go. */
  succeeded(tookMs: number): void {
    const inTime = tookMs < this.#options.afterMs
    if (this.#state !== 'writing' && (!inTime || this.#options.backlog.spooledEvents > 0)) return
    this.stop()
    if (this.#state === 'writing') return
    this.#spooled = Promise.withResolvers()
    this.#enter('writing')
  }

  /** Moves to disk what is in memory, and again soon; when the disk refuses, again later. */
  spill(): void {
    let again = spillMs
    const { backlog, retries, hasDisk } = this.#options
    // A stream that is only slow is no change for events that stay in memory anyway.
    if (!hasDisk && retries.cause === undefined) return void (this.#watchdog = undefined)
    try {
      backlog.spill()
      this.#enter('spooling')
      this.#spooled.resolve()
    } catch (error) {
      again = diskRetryMs
      this.#enter('holding', error)
    }
    this.#spillAfter(again)
  }

  /** A stream that is only slow gets help from the disk, too. */
  relieve(): void {
    if (this.#state === 'holding') return
    try {
      this.#options.backlog.spillOldest()
    } catch (error) {
      this.#enter('holding', error)
    }
  }

  stop(): void {
    clearTimeout(this.#watchdog)
    this.#watchdog = undefined
  }

  #spillAfter(ms: number): void {
    clearTimeout(this.#watchdog)
    this.#watchdog = setTimeout(() => this.spill(), ms).unref()
  }

  #enter(state: WriterState, diskCause?: unknown): void {
    if (this.#state === state) return
    this.#state = state
    this.#options.onStateChange?.(state, this.#options.retries.cause, diskCause)
  }
}
