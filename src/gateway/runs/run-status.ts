import type { RunStatus } from '../../protocol/runs.ts'
import type { Lease } from './lease.ts'
import type { StepNode } from './step-tree.ts'

/** Milliseconds without an event after which a run is quiet. */
export const quietMs = 30_000
/** Milliseconds a run without heartbeats is believed to be alive after its last event. */
const unleasedMs = 5 * 60_000
/** Milliseconds without open steps after which a trace whose root was never told counts as over. */
export const settleMs = 10_000

/** What a run knows of the processes it runs in. */
export interface Life {
  readonly leases: readonly Lease[]
  /** Processes that are known to be gone. */
  readonly gone: ReadonlySet<string>
  /** Whether a step is over, whoever may see it: of steps beyond those that are kept nobody can say more. */
  readonly hasEnded: (spanId: string) => boolean
  /** When anything, and when anything but a heartbeat, was last heard: milliseconds since the epoch. */
  readonly heardAt: number
  readonly activeAt: number
}

export interface Verdict {
  readonly status: RunStatus
  readonly leaseUntil: number | null
  /** Open steps that will never end. */
  readonly lost: ReadonlySet<string>
  /** When to judge again, even if nothing comes: milliseconds since the epoch. */
  readonly until: number
}

type Fate = 'alive' | 'expired' | 'gone'

const nothingLost: ReadonlySet<string> = new Set()

/** An honest status: a run is only called crashed when somebody knows, and alive no longer than its lease. */
export function judge(nodes: readonly StepNode[], life: Life, now: number): Verdict {
  const open = openSteps(nodes, life)
  const leaseUntil = leaseEnd(life)
  const done = { leaseUntil: null, lost: nothingLost, until: Infinity }
  if (open.length === 0) {
    const settledAt = nodes.some(({ isRoot }) => isRoot) ? -Infinity : life.heardAt + settleMs
    if (now >= settledAt) return { ...done, status: outcome(nodes) }
    return { status: 'running', leaseUntil, lost: nothingLost, until: settledAt }
  }
  const fates = Map.groupBy(open, (spanId) => fateOf(spanId, life, now))
  const lost = new Set(fates.get('gone'))
  const told = { leaseUntil, lost }
  if (fates.has('alive')) {
    const quietAt = life.activeAt + quietMs
    const status = now >= quietAt ? 'quiet' : 'running'
    return { ...told, status, until: Math.min(status === 'quiet' ? Infinity : quietAt, nextExpiry(life, now)) }
  }
  if (lost.size === 0) return { ...told, status: 'stale', until: Infinity }
  // What was lost below may have been made good by those who waited for it.
  if (!fates.has('expired') && topsEnded(nodes)) return { ...done, lost, status: outcome(nodes) }
  return { ...told, status: 'crashed', leaseUntil: null, until: Infinity }
}

/**
 * Leases of processes that were not heard in time, of which nobody knows more, and that left something open: one that did its
 * part of a run and ended leaves nothing.
 */
export function expiredLeases(nodes: readonly StepNode[], life: Life, now: number): Lease[] {
  const { leases, gone, hasEnded } = life
  const told = leases.filter(({ producer }) => !gone.has(producer))
  const expired = told.filter((lease) => now >= expiry(lease, life))
  // What was begun after the last heartbeat is named by none: it may be anybody's who lives.
  const nameless = expired.length < told.length ? [] : nodes.filter((node) => isOpen(node) && !isNamed(node, leases))
  return expired.filter(
    ({ openSteps: held, madeAt }) =>
      [...held].some((spanId) => !hasEnded(spanId)) || nameless.some(({ startedAt }) => startedAt >= madeAt),
  )
}

/** Steps that are open, also such as are only known from heartbeats. */
function openSteps(nodes: readonly StepNode[], { leases, hasEnded }: Life): string[] {
  const known = new Set(nodes.map(({ spanId }) => spanId))
  const named = leases.flatMap((lease) => [...lease.openSteps])
  const unknown = named.filter((spanId) => !known.has(spanId) && !hasEnded(spanId))
  return [...nodes.filter(isOpen).map(({ spanId }) => spanId), ...new Set(unknown)]
}

function isOpen({ endedAt }: StepNode): boolean {
  return endedAt === null
}

function isNamed({ spanId }: StepNode, leases: readonly Lease[]): boolean {
  return leases.some(({ openSteps: held }) => held.has(spanId))
}

/** A step that no heartbeat names shares the fate of the last of the run's processes. */
function fateOf(spanId: string, life: Life, now: number): Fate {
  const holders = life.leases.filter(({ openSteps: held }) => held.has(spanId))
  const fates = (holders.length > 0 ? holders : life.leases).map((lease): Fate => {
    if (life.gone.has(lease.producer)) return 'gone'
    return now < expiry(lease, life) ? 'alive' : 'expired'
  })
  if (fates.length === 0) return life.gone.size > 0 ? 'gone' : now < life.heardAt + unleasedMs ? 'alive' : 'expired'
  return (['alive', 'expired', 'gone'] as const).find((fate) => fates.includes(fate)) ?? 'alive'
}

/** Where there is one process only, its events are as good as its heartbeats. */
function expiry(lease: Lease, { leases, heardAt }: Life): number {
  return (leases.length === 1 ? Math.max(lease.heardAt, heardAt) : lease.heardAt) + lease.lengthMs
}

function leaseEnd(life: Life): number {
  const ends = life.leases.filter(({ producer }) => !life.gone.has(producer)).map((lease) => expiry(lease, life))
  return ends.length === 0 ? life.heardAt + unleasedMs : Math.max(...ends)
}

function nextExpiry(life: Life, now: number): number {
  const ends = life.leases.length === 0 ? [life.heardAt + unleasedMs] : life.leases.map((lease) => expiry(lease, life))
  return Math.min(...ends.filter((end) => end > now))
}

function topsEnded(nodes: readonly StepNode[]): boolean {
  const tops = nodes.filter(({ parent }) => parent === undefined)
  return tops.length > 0 && tops.every(({ endedAt }) => endedAt !== null)
}

/** A run failed when an agent at its top did; without agents, when the last thing it did failed. */
function outcome(nodes: readonly StepNode[]): RunStatus {
  const tops = nodes.filter(({ parent, endedAt }) => parent === undefined && endedAt !== null)
  const agents = tops.filter(({ kind }) => kind === 'agent')
  const last = tops.reduce<StepNode | undefined>((latest, top) => (ends(latest) > ends(top) ? latest : top), undefined)
  return (agents.length > 0 ? agents.some(({ failed }) => failed) : last?.failed) ? 'failed' : 'completed'
}

function ends(node: StepNode | undefined): number {
  return node?.endedAt ?? -Infinity
}
