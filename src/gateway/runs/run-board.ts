import { toTimestamp } from '../../events/timestamp.ts'
import type { Run, RunUpdate, Snapshot } from '../../protocol/runs.ts'
import type { EventStream, StreamEntry } from '../../streams/event-stream.ts'
import { scopeOf } from '../principal.ts'
import type { Principal } from '../principal.ts'
import { ProcessWatch } from './process-watch.ts'
import { RunBook } from './run-book.ts'

/** Milliseconds between two rounds in which connections are told of runs, and processes looked for. */
const roundMs = 1_000

/** A connection as the board needs it. */
export interface RunFollower {
  readonly principal: Principal | undefined
  /** Whether it wants to be told of a run; undefined for who wants none. */
  readonly followsRun: ((run: Run) => boolean) | undefined
  /** Whether it has not taken all that was written to it. */
  readonly isBehind: boolean
  send(message: RunUpdate | Snapshot): void
}

/** Keeps the runs and tells everybody of them: all at once when they come, then once a second what changed. */
export class RunBoard {
  readonly book = new RunBook()
  readonly #followers: Iterable<RunFollower>
  readonly #timer: NodeJS.Timeout
  /** Those that could take nothing in a round: they get everything anew when they can, so that nothing waits for them. */
  readonly #missed = new WeakSet<RunFollower>()

  constructor(stream: EventStream, followers: Iterable<RunFollower>) {
    this.#followers = followers
    const watch = new ProcessWatch(this.book, stream)
    this.#timer = setInterval(() => {
      this.#tell()
      void watch.look()
    }, roundMs)
  }

  /** Events that come live were heard now; what was there before counts at the time it states. */
  entries(entries: readonly StreamEntry[], live: boolean): void {
    const now = Date.now()
    for (const { event } of entries) this.book.add(event, live ? now : undefined)
  }

  snapshotFor({ principal, followsRun }: RunFollower): Snapshot | undefined {
    if (principal === undefined || followsRun === undefined) return undefined
    return this.book.snapshot(principal, followsRun)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** What readers who see the same are told is made once. */
  #tell(): void {
    const runsFor = this.book.takeChanges()
    const timestamp = toTimestamp(Date.now())
    const whole = new Map<string, RunUpdate>()
    for (const follower of this.#followers) {
      const { principal, followsRun } = follower
      if (principal === undefined || followsRun === undefined) continue
      const scope = scopeOf(principal)
      const update = whole.get(scope) ?? { type: 'run_update', timestamp, runs: runsFor(principal) }
      whole.set(scope, update)
      const runs = update.runs.filter(followsRun)
      if (follower.isBehind) this.#missed.add(follower)
      else if (this.#missed.delete(follower)) this.#sendAll(follower)
      else if (runs.length > 0) follower.send(runs.length === update.runs.length ? update : { ...update, runs })
    }
  }

  #sendAll(follower: RunFollower): void {
    const snapshot = this.snapshotFor(follower)
    if (snapshot !== undefined) follower.send(snapshot)
  }
}
