import { mergedMinutes, shownMinutes } from '../state/last-minutes.ts'
import { addCalls, noCalls } from '../state/model-calls.ts'
import type { CallLine, CallSums } from '../state/model-calls.ts'
import type { Totals } from '../state/totals.ts'

export interface AgentCost extends CallSums {
  readonly id: string
  readonly role: string
  /** USD, of the agents that worked below it, and their calls without a price. */
  readonly delegated: number
  readonly delegatedUnpriced: number
}

export interface NamedCost extends CallSums {
  readonly name: string
}

export interface Costs {
  readonly total: CallSums
  readonly agents: readonly AgentCost[]
  readonly models: readonly NamedCost[]
  readonly sessions: readonly NamedCost[]
  /** Of each minute that is shown, the oldest first. */
  readonly minutes: readonly CallSums[]
}

/** Each leaf call counts once in the total, once for its agent, its model and its session; the sums are therefore the same. */
export function costsOf({ calls }: Pick<Totals, 'calls'>, currentMinute: number): Costs {
  const lines = mergedMinutes(calls, currentMinute, addCalls)
  return {
    total: lines.reduce<CallSums>(addCalls, noCalls),
    agents: agentCosts(lines),
    models: byName(lines, ({ model }) => model),
    sessions: byName(lines, ({ session }) => session),
    minutes: shownMinutes(currentMinute).map((minute) =>
      [...(calls.get(minute)?.values() ?? [])].reduce<CallSums>(addCalls, noCalls),
    ),
  }
}

/** Of all input tokens, those that were read from a cache; undefined where there was no input. */
export function cachedShare({ cached, input }: CallSums): number | undefined {
  return input === 0 ? undefined : cached / input
}

function agentCosts(lines: readonly CallLine[]): AgentCost[] {
  const agents = new Map<string, AgentCost>()
  const agentOf = (id: string) => agents.get(id) ?? { ...noCalls, id, role: id, delegated: 0, delegatedUnpriced: 0 }
  for (const line of lines) {
    agents.set(line.agent, { ...addCalls(agentOf(line.agent), line), role: line.role })
    for (const id of line.above) {
      const above = agentOf(id)
      const delegatedUnpriced = above.delegatedUnpriced + line.unpriced
      agents.set(id, { ...above, delegated: above.delegated + line.cost, delegatedUnpriced })
    }
  }
  return [...agents.values()]
}

function byName(lines: readonly CallLine[], nameOf: (line: CallLine) => string): NamedCost[] {
  const named = new Map<string, NamedCost>()
  for (const line of lines) {
    const name = nameOf(line)
    named.set(name, addCalls(named.get(name) ?? { ...noCalls, name }, line))
  }
  return [...named.values()]
}
