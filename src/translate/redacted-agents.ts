import type { AgentRef } from '../events/event.ts'
import { redactAgent } from './redaction.ts'
import type { RedactText } from './redaction.ts'

/** Agents remembered; then it begins anew. */
const agentsKept = 1_000

/** What events say of agents. Each span states its agent anew, and mostly the same: one object then stands for all of them. */
export class RedactedAgents {
  readonly #hook: RedactText | undefined
  readonly #known = new Map<string, { readonly agent: AgentRef; readonly redacted: AgentRef }>()

  constructor(hook: RedactText | undefined) {
    this.#hook = hook
  }

  of(agent: AgentRef): AgentRef {
    const known = this.#known.get(agent.id)
    if (known !== undefined && isEqual(known.agent, agent)) return known.redacted
    const redacted = redactAgent(agent, this.#hook)
    if (this.#known.size >= agentsKept) this.#known.clear()
    this.#known.set(agent.id, { agent, redacted })
    return redacted
  }
}

function isEqual(one: AgentRef, other: AgentRef): boolean {
  if (one === other) return true
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key])
}
