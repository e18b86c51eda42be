import { toTimestamp } from '../../events/timestamp.ts'
import type { Run, RunUpdate, Snapshot } from '../../protocol/runs.ts'
import type { EventStream, StreamEntry } from '../../streams/event-stream.ts'
import { scopeOf } from '../principal.ts'
import type { Principal } from '../principal.ts'
import { ProcessWatch } from './process-watch.ts'
import { RunBook } from './run-book.ts'
import { settleMs } from './run-status.ts'

/** Milliseconds between two rounds in which connections are told of runs, and processes looked for. */
const roundMs = 1_000

/** A connection as the board needs it. */
export interface RunFollower {
  readonly principal: Principal | undefined
  /** Agents of whose runs it wants to be told; none: of all runs. Undefined for who wants none. */
  readonly followedAgents: readonly string[] | undefined
  /** Whether it has not taken all that was written to it. */
  readonly isBehind: boolean
  send(message: RunUpdate | Snapshot): void
}

/** Keeps the runs and tells everybody of them: all at once when they come, then once a second what changed. */
export class RunBoard {
  readonly book = new RunBook()
  readonly #followers: Iterable<RunFollower>
  readonly #timer: NodeJS.Timeout
  /**
   * Those that could take nothing in a round, and since when (milliseconds since the epoch): they get everything anew when they
   * can, so that nothing waits for them.
   */
  readonly #missed = new WeakMap<RunFollower, number>()

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

  snapshotFor({ principal, followedAgents }: RunFollower): Snapshot | undefined {
    if (principal === undefined || followedAgents === undefined) return undefined
    return this.book.snapshot(principal, (run) => isOf(run, followedAgents))
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** What readers who see the same and follow the same agents are told is made once. */
  #tell(): void {
    const runsFor = this.book.takeChanges()
    const now = Date.now()
    const timestamp = toTimestamp(now)
    const updates = new Map<string, RunUpdate>()
    for (const follower of this.#followers) {
      const { principal, followedAgents } = follower
      if (principal === undefined || followedAgents === undefined) continue
      const missedFrom = this.#missed.get(follower)
      if (follower.isBehind) this.#missed.set(follower, missedFrom ?? now)
      else if (missedFrom !== undefined) this.#sendAll(follower, missedFrom)
      else {
        const key = JSON.stringify([scopeOf(principal), followedAgents])
        const update = updates.get(key) ?? {
          type: 'run_update',
          timestamp,
          runs: runsFor(principal).filter((run) => isOf(run, followedAgents)),
        }
        updates.set(key, update)
        if (update.runs.length > 0) follower.send(update)
      }
    }
  }

  /** The open runs, and those that ended since: nothing else would tell of these. */
  #sendAll(follower: RunFollower, since: number): void {
    this.#missed.delete(follower)
    const { principal, followedAgents } = follower
    const snapshot = this.snapshotFor(follower)
    if (snapshot === undefined || principal === undefined || followedAgents === undefined) return
    follower.send(snapshot)
    const ended = this.book.endedSince(principal, since - settleMs - roundMs).filter((run) => isOf(run, followedAgents))
    if (ended.length > 0) follower.send({ type: 'run_update', timestamp: snapshot.timestamp, runs: ended })
  }
}

function isOf(run: Run, agents: readonly string[]): boolean {
  return agents.length === 0 || run.agents.some(({ id }) => agents.includes(id))
}
