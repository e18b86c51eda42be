import { toTimestamp } from '../../events/timestamp.ts'
import type { Run as RunMessage, RunStep, RunTree } from '../../protocol/runs.ts'
import type { Lease } from './lease.ts'
import { loopsOf } from './loops.ts'
import { RunFigures } from './run-figures.ts'
import { expiredLeases, judge } from './run-status.ts'
import type { Verdict } from './run-status.ts'
import type { Run } from './run.ts'
import { agentOf, stepTree } from './step-tree.ts'
import type { StepNode } from './step-tree.ts'
import { addSums, noSums } from './sums.ts'
import { waitsOf } from './waits.ts'

/** A run at one moment, as the readers who see the same of it see it. */
export class RunView {
  /** Those whose events may be seen. */
  readonly owners: ReadonlySet<number>
  readonly verdict: Verdict
  readonly #run: Run
  readonly #nodes: readonly StepNode[]
  #summary: RunMessage | undefined

  constructor(run: Run, owners: ReadonlySet<number>, now: number) {
    this.#run = run
    this.owners = owners
    this.#nodes = stepTree(run.steps, (owner) => owners.has(owner))
    this.verdict = judge(this.#nodes, run.life, now)
  }

  /** Whether there is nothing to see. */
  get isEmpty(): boolean {
    return this.#nodes.length === 0
  }

  get isFinished(): boolean {
    return this.verdict.status === 'completed' || this.verdict.status === 'failed'
  }

  /** When anything of the run was last heard. */
  get heardAt(): number {
    return this.#run.heardAt
  }

  /** Ids of the agents that have an execution open. */
  get openAgents(): string[] {
    return this.#nodes.flatMap(({ kind, endedAt, namedAgent: agent }) =>
      kind === 'agent' && endedAt === null && agent !== null ? [agent.id] : [],
    )
  }

  /** Of processes that were not heard in time and left something open. */
  expiredLeases(now: number): Lease[] {
    return expiredLeases(this.#nodes, this.#run.life, now)
  }

  get summary(): RunMessage {
    return (this.#summary ??= this.#summarise())
  }

  tree(): RunTree {
    return { ...this.summary, tree: this.#nodes.map((node) => this.#step(node)) }
  }

  #summarise(): RunMessage {
    const nodes = this.#nodes
    const open = nodes.filter(({ endedAt }) => endedAt === null)
    const startedAt = nodes[0]?.startedAt ?? 0
    const { figures, omitted } = this.#figures()
    const { leases } = this.#run.life
    const { totals } = figures
    return {
      trace_id: this.#run.traceId,
      session_id: this.#told((owner) => owner.session_id),
      user_id: this.#told((owner) => owner.user_id),
      name: nodes.find(({ parent }) => parent === undefined)?.name ?? '',
      status: this.verdict.status,
      started_at: toTimestamp(startedAt),
      last_event_at: toTimestamp(this.#lastEventAt()),
      ended_at: this.isFinished ? toTimestamp(Math.max(...nodes.map(({ endedAt }) => endedAt ?? 0))) : null,
      lease_until: this.verdict.leaseUntil === null ? null : toTimestamp(this.verdict.leaseUntil),
      steps: nodes.length,
      open_steps: open.length,
      failed_steps: nodes.filter(({ failed }) => failed).length,
      steps_omitted: omitted,
      partial: this.#run.isCutOff || leases.some(({ runStartedAt }) => runStartedAt < startedAt),
      llm_calls: totals.llmCalls,
      tool_calls: totals.toolCalls,
      input_tokens: totals.inputTokens,
      output_tokens: totals.outputTokens,
      tokens: totals.tokens,
      cost: totals.cost,
      unpriced_calls: totals.unpriced,
      agents: figures.agents,
      loops: loopsOf(nodes),
      waits: this.isFinished ? [] : waitsOf(nodes, this.verdict.lost),
    }
  }

  #figures(): { readonly figures: RunFigures; readonly omitted: number } {
    const figures = new RunFigures()
    figures.add(this.#nodes)
    const omitted = noSums()
    for (const [owner, sums] of this.#run.omitted) {
      if (!this.owners.has(owner)) continue
      figures.addOmitted(sums, this.#run.owners[owner]?.source_agent ?? null)
      addSums(omitted, sums)
    }
    return { figures, omitted: omitted.steps }
  }

  #lastEventAt(): number {
    return Math.max(...this.#nodes.map(({ startedAt, endedAt }) => endedAt ?? startedAt))
  }

  /** The first known value, from the first step on. */
  #told<T>(read: (owner: Run['owners'][number]) => T | null): T | null {
    for (const { owners } of this.#nodes) {
      for (const number of owners) {
        const owner = this.#run.owners[number]
        const value = owner === undefined ? null : read(owner)
        if (value !== null) return value
      }
    }
    return null
  }

  #step(node: StepNode): RunStep {
    const { spanId, kind, name, startedAt, endedAt, failed, errorType, usage, parent } = node
    const open = this.verdict.lost.has(spanId) ? 'lost' : 'open'
    return {
      span_id: spanId,
      parent: parent?.spanId ?? null,
      kind,
      name,
      agent: agentOf(node)?.id ?? null,
      status: endedAt === null ? open : failed ? 'failed' : 'ok',
      started_at: toTimestamp(startedAt),
      ended_at: endedAt === null ? null : toTimestamp(endedAt),
      ...(errorType === undefined ? {} : { error_type: errorType }),
      ...(usage === undefined ? {} : { tokens: usage.tokens }),
      ...(usage?.cost === undefined ? {} : { cost: usage.cost }),
    }
  }
}
