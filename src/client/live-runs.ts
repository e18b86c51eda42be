import type { AurenEvent } from '../events/event.ts'
import { toTimestamp } from '../events/timestamp.ts'
import type { Run, RunStep, RunTree } from '../protocol/runs.ts'
import type { ServerMessage } from '../protocol/server-messages.ts'
import { stepKinds } from '../protocol/step-kinds.ts'
import { stepFacts } from '../protocol/step-facts.ts'
import type { StepFacts } from '../protocol/step-facts.ts'

/** A run as far as it was told. */
export interface LiveRun {
  readonly traceId: string
  /** What the gateway says of it; undefined for the first second, in which only its events are known. */
  readonly summary: Run | undefined
  /** By span id: known from events at once, from the gateway's tree where the client came later. */
  readonly steps: ReadonlyMap<string, RunStep>
  /** Span of each event that told of a step: what a parent is known by where a span without events lies between. */
  readonly spans: ReadonlyMap<string, string>
}

/** By trace id; the one that was heard of last comes last. */
export type LiveRuns = ReadonlyMap<string, LiveRun>

export const noRuns: LiveRuns = new Map()

/** Runs kept, those heard of longest ago go first; and steps kept of each, as many as a gateway keeps. */
const maxRuns = 300
const maxSteps = 2_000

/**
 * The runs after these messages of the gateway: `snapshot`, `run_update` and `stream_event` count, others are ignored. Pure: runs
 * that did not change stay the same objects.
 */
export function foldRuns(runs: LiveRuns, messages: readonly ServerMessage[]): LiveRuns {
  const draft = new Draft(runs)
  for (const message of messages) {
    if (message.type === 'stream_event') draft.event(message.event)
    else if (message.type === 'run_update') for (const run of message.runs) draft.summary(run)
    else if (message.type === 'snapshot') for (const run of message.runs) draft.tree(run)
  }
  return draft.runs
}

/** The runs with one whose steps were asked for. */
export function withTree(runs: LiveRuns, run: RunTree): LiveRuns {
  const draft = new Draft(runs)
  draft.tree(run)
  return draft.runs
}

/** The runs with figures that were asked for, as after a connection was lost. */
export function withSummaries(runs: LiveRuns, summaries: readonly Run[]): LiveRuns {
  const draft = new Draft(runs)
  for (const summary of summaries) draft.summary(summary)
  return draft.runs
}

/** A run of the draft, with steps of its own. */
interface DraftRun extends LiveRun {
  summary: Run | undefined
  readonly steps: Map<string, RunStep>
  readonly spans: Map<string, string>
}

/** Copies what changes, once, whatever the number of messages. */
class Draft {
  readonly #before: LiveRuns
  #after: Map<string, LiveRun> | undefined
  readonly #changed = new Map<string, DraftRun>()

  constructor(runs: LiveRuns) {
    this.#before = runs
  }

  get runs(): LiveRuns {
    const after = this.#after
    if (after === undefined) return this.#before
    for (const traceId of after.keys()) if (after.size > maxRuns) after.delete(traceId)
    return after
  }

  event(event: AurenEvent): void {
    const facts = event.trace_id === null ? undefined : stepFacts(event)
    if (facts === undefined || event.trace_id === null) return
    const run = this.#open(event.trace_id)
    const { steps } = run
    const known = steps.get(facts.spanId)
    // A start that comes after the end, or is replayed, tells nothing new.
    if (facts.isStart && known !== undefined) return
    if (known === undefined && steps.size >= maxSteps) return
    run.spans.set(facts.eventId, facts.spanId)
    steps.set(facts.spanId, stepOf(facts, known, run))
  }

  summary(summary: Run): void {
    const run = this.#open(summary.trace_id)
    // An answer to a question may come after what it does not know yet.
    if (run.summary !== undefined && run.summary.last_event_at > summary.last_event_at) return
    run.summary = summary
    if (summary.ended_at !== null) closeSteps(run.steps, summary.ended_at)
  }

  tree({ tree, ...summary }: RunTree): void {
    const { steps } = this.#open(summary.trace_id)
    for (const step of tree) {
      const known = steps.get(step.span_id)
      if (known === undefined || known.ended_at === null) steps.set(step.span_id, step)
    }
    this.summary(summary)
  }

  #open(traceId: string): DraftRun {
    const open = this.#changed.get(traceId)
    if (open !== undefined) return open
    this.#after ??= new Map(this.#before)
    const known = this.#after.get(traceId)
    const run = { traceId, summary: known?.summary, steps: new Map(known?.steps), spans: new Map(known?.spans) }
    this.#after.delete(traceId)
    this.#after.set(traceId, run)
    this.#changed.set(traceId, run)
    return run
  }
}

function stepOf(facts: StepFacts, known: RunStep | undefined, run: LiveRun): RunStep {
  const parent = known?.parent ?? parentOf(facts, run)
  // A span that is told of twice, as a delegation and as the work of an agent, is the more specific of the two.
  const isAside = known !== undefined && stepKinds.indexOf(known.kind) < stepKinds.indexOf(facts.kind)
  if (isAside && known.ended_at !== null) return known
  return {
    span_id: facts.spanId,
    parent,
    started_at: known?.started_at ?? toTimestamp(facts.startedAt),
    ...(isAside ? identityOf(known) : named(facts, known, run.steps.get(parent ?? ''))),
    ...(facts.isStart ? ({ status: 'open', ended_at: null } as const) : outcomeOf(facts)),
  }
}

function identityOf({ kind, name, agent }: RunStep) {
  return { kind, name, agent }
}

function named(facts: StepFacts, known: RunStep | undefined, above: RunStep | undefined) {
  const { kind, name, agent } = facts
  return { kind, name: name ?? known?.name ?? kind, agent: agent?.id ?? known?.agent ?? above?.agent ?? null }
}

function outcomeOf({ failed, at, errorType, usage }: StepFacts) {
  return {
    status: failed ? 'failed' : 'ok',
    ended_at: toTimestamp(at),
    ...(errorType !== undefined && { error_type: errorType }),
    ...(usage && { tokens: usage.tokens }),
    ...(usage?.cost !== undefined && { cost: usage.cost }),
  } as const
}

function parentOf({ parentSpanId, parentEventId }: StepFacts, run: Pick<LiveRun, 'steps' | 'spans'>): string | null {
  if (parentSpanId !== null && run.steps.has(parentSpanId)) return parentSpanId
  return run.spans.get(parentEventId ?? '') ?? parentSpanId
}

/** A step whose end was missed does not go on in a run that is over. */
function closeSteps(steps: Map<string, RunStep>, endedAt: string): void {
  for (const [id, step] of steps) {
    if (step.ended_at === null) steps.set(id, { ...step, status: 'lost', ended_at: endedAt })
  }
}
