import type { LiveRun, LiveRuns } from '../../client/live-runs.ts'
import type { RunAgent, RunLoop, RunStatus, RunStep, RunWait } from '../../protocol/runs.ts'
import { stepRows } from './step-rows.ts'

/** One line of the list of runs. */
export interface RunRow {
  readonly traceId: string
  readonly name: string
  /** Undefined where the gateway has not judged it: in its first second, or when it no longer keeps the run. */
  readonly status: RunStatus | undefined
  readonly isOpen: boolean
  readonly session: string | null
  readonly startedAt: string
  readonly lastEventAt: string
  readonly endedAt: string | null
  readonly agents: readonly Pick<RunAgent, 'id' | 'role'>[]
  readonly steps: number
  readonly failedSteps: number
  readonly tokens: number
  /** USD. */
  readonly cost: number
  /** Calls without a price: the cost is at least what is said. */
  readonly unpriced: number
  readonly loops: readonly RunLoop[]
  readonly waits: readonly RunWait[]
}

export const shows = ['all', 'open', 'failed'] as const
/** Which runs are listed; a crashed one, and one with a failed step, is among the failed. */
export type Show = (typeof shows)[number]

export function isShown({ isOpen, status, failedSteps }: RunRow, show: Show): boolean {
  if (show === 'open') return isOpen
  return show === 'all' || failedSteps > 0 || status === 'failed' || status === 'crashed'
}

/** Those that are not over first; the newest first among them, and among the others. */
export function runRows(runs: LiveRuns): RunRow[] {
  const rows = [...runs.values()].filter(({ summary, steps }) => summary !== undefined || steps.size > 0).map(runRow)
  return rows.sort((a, b) => Number(b.isOpen) - Number(a.isOpen) || compare(b.startedAt, a.startedAt))
}

/** Runs that did not change are the same objects: so are their rows. */
const known = new WeakMap<LiveRun, RunRow>()

export function runRow(run: LiveRun): RunRow {
  let row = known.get(run)
  if (row === undefined) {
    row = run.summary === undefined ? fromSteps(run) : fromSummary(run, run.summary)
    known.set(run, row)
  }
  return row
}

function fromSummary({ traceId }: LiveRun, summary: NonNullable<LiveRun['summary']>): RunRow {
  return {
    traceId,
    name: summary.name,
    status: summary.status,
    isOpen: summary.ended_at === null && summary.status !== 'crashed',
    session: summary.session_id,
    startedAt: summary.started_at,
    lastEventAt: summary.last_event_at,
    endedAt: summary.ended_at,
    agents: summary.agents,
    steps: summary.steps,
    failedSteps: summary.failed_steps,
    tokens: summary.tokens,
    cost: summary.cost,
    unpriced: summary.unpriced_calls,
    loops: summary.loops,
    waits: summary.waits,
  }
}

function fromSteps({ traceId, steps }: LiveRun): RunRow {
  const all = [...steps.values()]
  const root = stepRows(steps)[0]?.step
  const isOpen = all.some(({ ended_at: end }) => end === null)
  const times = all.flatMap(({ started_at: start, ended_at: end }) => (end === null ? [start] : [start, end])).sort()
  return {
    traceId,
    name: root?.name ?? '',
    status: undefined,
    isOpen,
    session: null,
    startedAt: times[0] ?? '',
    lastEventAt: times.at(-1) ?? '',
    endedAt: isOpen ? null : (times.at(-1) ?? null),
    agents: agentsOf(all),
    ...figuresOf(all),
    unpriced: 0,
    loops: [],
    waits: [],
  }
}

/** Steps, failures, tokens and cost of what is listed. */
export function figuresOf(steps: Iterable<RunStep>) {
  const figures = { steps: 0, failedSteps: 0, tokens: 0, cost: 0 }
  for (const { status, tokens = 0, cost = 0 } of steps) {
    figures.steps += 1
    figures.failedSteps += Number(status === 'failed')
    figures.tokens += tokens
    figures.cost += cost
  }
  return figures
}

function agentsOf(steps: readonly RunStep[]): RunRow['agents'] {
  const roles = new Map<string, string>()
  for (const { kind, agent, name } of steps) if (kind === 'agent' && agent !== null) roles.set(agent, name)
  return [...roles].map(([id, role]) => ({ id, role }))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
