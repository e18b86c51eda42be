import type { AurenEvent } from '../../events/event.ts'
import { toTimestamp } from '../../events/timestamp.ts'
import type { Run as RunMessage, RunTree, Snapshot } from '../../protocol/runs.ts'
import type { Principal } from '../principal.ts'
import type { Lease } from './lease.ts'
import { RunEntry } from './run-entry.ts'
import { byAge } from './run-place.ts'
import type { RunPlace } from './run-place.ts'
import type { RunView } from './run-view.ts'
import type { Run } from './run.ts'

export interface RunBookOptions {
  /** Runs kept at the most, default 2,000. */
  readonly maxRuns?: number
  /** Bytes kept at the most, roughly, default 64 MiB. */
  readonly maxBytes?: number
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

export interface RunQuery {
  /** Empty: any. */
  readonly statuses: readonly string[]
  readonly limit: number
  /** Only runs that stand behind this one. */
  readonly before?: RunPlace | undefined
}

/** Milliseconds that a run is kept after its end, and after the last sign of life of one that never ended. */
const finishedKeptMs = 15 * 60_000
const abandonedKeptMs = 60 * 60_000

/** Open runs and steps of one snapshot: the newest. */
const snapshotRuns = 200
const snapshotSteps = 2_000

/** Runs that readers are told of at once; the others come with the next round. */
const maxChanges = 200

/** Share of the room that is kept when there is none left, so that it is not looked for with each event. */
const keptShare = 0.95

/**
 * The runs a gateway knows, from the events alone: open ones, and those that ended in the last minutes. What it shows is
 * always only what the principal may see, event by event. Bounded: where there is no room, finished runs go first, then those
 * nobody heard of the longest.
 */
export class RunBook {
  readonly #entries = new Map<string, RunEntry>()
  /** Those that readers are to be told of, in the order in which they changed. */
  readonly #changed = new Set<RunEntry>()
  readonly #maxRuns: number
  readonly #maxBytes: number
  readonly #now: () => number
  #bytes = 0

  constructor({ maxRuns = 2_000, maxBytes = 64 * 1024 * 1024, now = Date.now }: RunBookOptions = {}) {
    this.#maxRuns = maxRuns
    this.#maxBytes = maxBytes
    this.#now = now
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** `heardAt` is now for an event that just came; one that is read back is taken at the time it states, the default. */
  add(event: AurenEvent, heardAt: number = Date.parse(event.timestamp)): void {
    if (event.trace_id === null || Number.isNaN(heardAt)) return
    const entry = this.#entryOf(event.trace_id, event.tenant_id)
    this.#bytes -= entry.run.bytes
    entry.absorb(event, Math.min(heardAt, this.#now()))
    this.#bytes += entry.run.bytes
    // A heartbeat changes nothing that a reader sees, unless it changes the status.
    if (event.event_type !== 'heartbeat') this.#changed.add(entry)
    if (this.#entries.size > this.#maxRuns || this.#bytes > this.#maxBytes) this.#evict()
  }

  /** Newest first. */
  list(principal: Principal, { statuses, limit, before }: RunQuery): RunMessage[] {
    const wanted = new Set(statuses)
    return this.#views(principal)
      .filter(({ verdict }) => wanted.size === 0 || wanted.has(verdict.status))
      .map(({ summary }) => summary)
      .filter((run) => before === undefined || byAge(before, run) < 0)
      .sort(byAge)
      .slice(0, limit)
  }

  find(principal: Principal, traceId: string): RunTree | undefined {
    return this.#entries.get(keyOf(traceId, principal.tenantId))?.viewFor(principal, this.#now())?.tree()
  }

  /** The open runs that the principal may see and wants to. */
  snapshot(principal: Principal, wants: (run: RunMessage) => boolean = () => true): Snapshot {
    const now = this.#now()
    const open = [...this.#entries.values()]
      .flatMap((entry) => entry.tell(principal, now) ?? [])
      .filter(({ isFinished, summary }) => !isFinished && wants(summary))
    open.sort((a, b) => byAge(a.summary, b.summary))
    const runs: RunTree[] = []
    let steps = 0
    for (const view of open.slice(0, snapshotRuns)) {
      steps += view.summary.steps
      if (runs.length > 0 && steps > snapshotSteps) break
      runs.push(view.tree())
    }
    return { type: 'snapshot', timestamp: toTimestamp(now), runs, omitted: open.length - runs.length }
  }

  /** Runs that were last heard of since then (milliseconds since the epoch) and have ended. */
  endedSince(principal: Principal, since: number): RunMessage[] {
    return this.#views(principal).flatMap((view) => (view.isFinished && view.heardAt >= since ? [view.summary] : []))
  }

  /** The runs that changed since the last call, as each reader may see them. Forgets what is too old. */
  takeChanges(): (principal: Principal) => RunMessage[] {
    const now = this.#now()
    this.#forgetOld(now)
    for (const entry of this.#entries.values()) if (entry.isOtherThanTold(now)) this.#changed.add(entry)
    const changed = [...this.#changed].slice(0, maxChanges)
    for (const entry of changed) {
      this.#changed.delete(entry)
      entry.forgetTold()
    }
    return (principal) => changed.flatMap((entry) => entry.tell(principal, now)?.summary ?? [])
  }

  /** Agents whose open work was not heard of in time, and when it last was. */
  silentAgents(principal: Principal): Map<string, number> {
    const silent = new Map<string, number>()
    for (const view of this.#views(principal)) {
      if (view.verdict.status !== 'stale' && view.verdict.status !== 'crashed') continue
      for (const agent of view.openAgents) silent.set(agent, Math.max(silent.get(agent) ?? 0, view.heardAt))
    }
    return silent
  }

  /** Processes that were not heard in time, each with a run that it left open. */
  expiredLeases(): { readonly run: Run; readonly lease: Lease }[] {
    const now = this.#now()
    return [...this.#entries.values()].flatMap((entry) => {
      const whole = entry.whole(now)
      return whole.isFinished ? [] : whole.expiredLeases(now).map((lease) => ({ run: entry.run, lease }))
    })
  }

  #views(principal: Principal): RunView[] {
    const now = this.#now()
    return [...this.#entries.values()].flatMap((entry) => entry.viewFor(principal, now) ?? [])
  }

  #entryOf(traceId: string, tenantId: string | null): RunEntry {
    const key = keyOf(traceId, tenantId)
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    const entry = new RunEntry(traceId, tenantId)
    this.#entries.set(key, entry)
    this.#bytes += entry.run.bytes
    return entry
  }

  #forgetOld(now: number): void {
    for (const [key, entry] of this.#entries) {
      const keptMs = entry.whole(now).isFinished ? finishedKeptMs : abandonedKeptMs
      if (now - entry.run.heardAt > keptMs) this.#forget(key, entry)
    }
  }

  #evict(): void {
    const now = this.#now()
    const order = [...this.#entries].map(([key, entry]) => ({ key, entry, rank: rankOf(entry.whole(now)) }))
    order.sort((a, b) => a.rank - b.rank || a.entry.run.heardAt - b.entry.run.heardAt)
    const [runs, bytes] = [this.#maxRuns * keptShare, this.#maxBytes * keptShare]
    for (const { key, entry } of order) {
      if (this.#entries.size <= runs && this.#bytes <= bytes) return
      this.#forget(key, entry)
    }
  }

  #forget(key: string, entry: RunEntry): void {
    this.#bytes -= entry.run.bytes
    this.#entries.delete(key)
    this.#changed.delete(entry)
  }
}

/** Two tenants that use the same trace id have two runs. */
function keyOf(traceId: string, tenantId: string | null): string {
  return JSON.stringify([tenantId, traceId])
}

/** What goes first when there is no room. */
function rankOf({ isFinished, verdict }: RunView): number {
  return isFinished ? 0 : verdict.status === 'stale' || verdict.status === 'crashed' ? 1 : 2
}
