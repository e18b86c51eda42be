import type { AgentRef } from '../../events/event.ts'
import type { RunAgent } from '../../protocol/runs.ts'
import { agentOf } from './step-tree.ts'
import type { StepNode } from './step-tree.ts'
import { addSums, count, noSums } from './sums.ts'
import type { Sums } from './sums.ts'

type Agent = Pick<AgentRef, 'id' | 'role'>

interface AgentFigures {
  readonly agent: Agent
  readonly own: Sums
  delegatedCost: number
  open: boolean
}

/** What a run used, in all and by agent: leaf model calls only, so that no sum is counted again on a parent. */
export class RunFigures {
  readonly totals = noSums()
  readonly #agents = new Map<string, AgentFigures>()

  add(nodes: readonly StepNode[]): void {
    for (const node of nodes) {
      const agent = agentOf(node)
      const own = agent && this.#of(agent)
      if (node.endedAt === null) {
        if (own && node.kind === 'agent') own.open = true
      } else if (node.kind !== 'model' || !hasCallBelow(node)) {
        count(this.totals, node)
        if (own) count(own.own, node)
        this.#delegate(node, agent)
      }
    }
  }

  /** Steps of one agent that were not kept: nobody knows below whom they were. */
  addOmitted(sums: Sums, agent: Agent | null): void {
    addSums(this.totals, sums)
    if (agent !== null) addSums(this.#of(agent).own, sums)
  }

  /** In the order in which they first did something. */
  get agents(): RunAgent[] {
    return [...this.#agents.values()].map(({ agent, own, delegatedCost, open }) => ({
      ...agent,
      open,
      llm_calls: own.llmCalls,
      tool_calls: own.toolCalls,
      tokens: own.tokens,
      own_cost: own.cost,
      delegated_cost: delegatedCost,
    }))
  }

  /** To each other agent above once, whatever the number of its executions there. */
  #delegate(node: StepNode, agent: Agent | null): void {
    const cost = node.usage?.cost
    if (cost === undefined) return
    const paid = new Set([agent?.id])
    for (let above = node.parent; above !== undefined; above = above.parent) {
      const other = above.kind === 'agent' ? above.namedAgent : null
      if (other === null || paid.has(other.id)) continue
      paid.add(other.id)
      this.#of(other).delegatedCost += cost
    }
  }

  #of(agent: Agent): AgentFigures {
    const known = this.#agents.get(agent.id)
    if (known !== undefined) return known
    const figures = { agent, own: noSums(), delegatedCost: 0, open: false }
    this.#agents.set(agent.id, figures)
    return figures
  }
}

function hasCallBelow(node: StepNode): boolean {
  return node.children.some((child) => child.kind === 'model' || hasCallBelow(child))
}
