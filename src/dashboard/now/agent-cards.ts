import type { LiveRun, LiveRuns } from '../../client/live-runs.ts'
import type { Run, RunLoop, RunStep } from '../../protocol/runs.ts'
import type { PageState } from '../state/page-state.ts'

/** How an agent is; the first that fits. Those before `working` want somebody to look. */
export type AgentState = 'looping' | 'silent' | 'failing' | 'degraded' | 'slow' | 'working' | 'waiting' | 'idle'

/** Something that an agent is doing, or the agent it waits for. */
export interface Doing {
  readonly step: RunStep
  readonly traceId: string
  readonly isWait: boolean
}

export interface AgentCard {
  readonly id: string
  readonly role: string
  readonly state: AgentState
  /** What is open at the moment, the newest first. */
  readonly doing: readonly Doing[]
  readonly openRuns: number
  readonly loop: RunLoop | undefined
  /** Since when nothing was heard of a run of its own that is not over. */
  readonly silentSince: string | undefined
  /** In the runs that the gateway keeps: the open ones, and those that ended in the last 15 minutes. */
  readonly tokens: number
  readonly ownCost: number
  readonly delegatedCost: number
  /** In the five minutes of the summary; undefined where it did nothing in them. */
  readonly p95Ms: number | undefined
  readonly errorRate: number | undefined
  readonly operations: number
  readonly lastAt: string | undefined
}

/** Milliseconds for which a run is taken for one that has just begun: the gateway judges it within a second. */
const unjudgedMs = 60_000

type Draft = { -readonly [K in keyof AgentCard]: AgentCard[K] } & { doing: Doing[] }

/** One card for each agent that is known, by role and id, so that no card moves while its agent works. */
export function agentCards(runs: LiveRuns, summary: PageState['summary'], now: number): AgentCard[] {
  const cards = new Map<string, Draft>()
  const cardOf = (id: string, role = id) => {
    const known = cards.get(id)
    if (known !== undefined) {
      if (known.role === known.id) known.role = role
      return known
    }
    const card = emptyCard(id, role)
    cards.set(id, card)
    return card
  }
  for (const run of runs.values()) {
    if (run.summary === undefined) addUnjudged(run, cardOf, now)
    else addRun(run, run.summary, cardOf)
  }
  for (const [id, figures] of Object.entries(summary?.agents ?? {})) {
    const card = cardOf(id)
    if (figures.total_operations > 0) {
      card.p95Ms = figures.p95_latency_ms
      card.errorRate = figures.error_rate
    }
    card.operations = figures.total_operations
    card.lastAt ??= figures.last_update
    if (figures.state !== 'healthy') card.state = figures.state
  }
  for (const card of cards.values()) settle(card)
  return [...cards.values()].sort((a, b) => a.role.localeCompare(b.role) || a.id.localeCompare(b.id))
}

function emptyCard(id: string, role: string): Draft {
  return {
    id,
    role,
    state: 'idle',
    doing: [],
    openRuns: 0,
    loop: undefined,
    silentSince: undefined,
    tokens: 0,
    ownCost: 0,
    delegatedCost: 0,
    p95Ms: undefined,
    errorRate: undefined,
    operations: 0,
    lastAt: undefined,
  }
}

type CardOf = (id: string, role?: string) => Draft

function addRun({ traceId, steps }: LiveRun, summary: Run, cardOf: CardOf): void {
  const isOver = summary.ended_at !== null
  const isHeard = summary.status === 'running' || summary.status === 'quiet'
  for (const agent of summary.agents) {
    const card = cardOf(agent.id, agent.role)
    card.tokens += agent.tokens
    card.ownCost += agent.own_cost
    card.delegatedCost += agent.delegated_cost
    if (agent.open && !isOver) {
      card.openRuns += 1
      if (!isHeard) card.silentSince = earliest(card.silentSince, summary.last_event_at)
    }
    card.lastAt = latest(card.lastAt, summary.last_event_at)
  }
  if (isOver) return
  for (const loop of summary.loops) if (loop.agent !== null) cardOf(loop.agent).loop = loop
  addOpenSteps(traceId, steps, cardOf)
}

/** A run of which the gateway has said nothing: it has just begun, or ended so long ago that nobody knows how. */
function addUnjudged({ traceId, steps }: LiveRun, cardOf: CardOf, now: number): void {
  let heardAt = ''
  for (const { agent, kind, name, started_at: start, ended_at: end } of steps.values()) {
    if ((end ?? start) > heardAt) heardAt = end ?? start
    if (agent === null) continue
    const card = kind === 'agent' ? cardOf(agent, name) : cardOf(agent)
    card.lastAt = latest(card.lastAt, end ?? start)
  }
  if (now - Date.parse(heardAt) < unjudgedMs) addOpenSteps(traceId, steps, cardOf)
}

/** Open steps without open ones below them are what is being done; who called an agent that is at work waits for it. */
function addOpenSteps(traceId: string, steps: LiveRun['steps'], cardOf: CardOf): void {
  const open = [...steps.values()].filter(({ status }) => status === 'open')
  const busy = new Set(open.map(({ parent }) => parent))
  for (const step of open) {
    if (step.agent !== null && !busy.has(step.span_id)) cardOf(step.agent).doing.push({ step, traceId, isWait: false })
    const above = step.kind === 'agent' && step.parent !== null ? steps.get(step.parent)?.agent : undefined
    if (above != null && above !== step.agent) cardOf(above).doing.push({ step, traceId, isWait: true })
  }
}

function settle(card: Draft): void {
  card.doing.sort((a, b) => b.step.started_at.localeCompare(a.step.started_at))
  if (card.loop !== undefined) card.state = 'looping'
  else if (card.silentSince !== undefined) card.state = 'silent'
  else if (card.state === 'idle' && card.doing.length > 0) {
    card.state = card.doing.every(({ isWait }) => isWait) ? 'waiting' : 'working'
  }
}

function earliest(one: string | undefined, other: string): string {
  return one === undefined || other < one ? other : one
}

function latest(one: string | undefined, other: string | undefined): string | undefined {
  return one === undefined || (other !== undefined && other > one) ? other : one
}
