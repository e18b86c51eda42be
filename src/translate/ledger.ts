import type { SpanFacts } from './span-facts.ts'

type Payload = SpanFacts['payload']

const tokenKeys = [
  'input_tokens',
  'output_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'tokens_used',
] as const

/** What an agent and the agents below it used. Costs are USD; only leaf model calls are counted. */
export class Ledger {
  llmCalls = 0
  toolCalls = 0
  tokens = 0
  ownCost = 0
  delegatedCost = 0
  /** Model calls without a known price: the costs are then a lower bound. */
  unpricedCalls = 0
  /** Token counts of the agent's own calls, as far as their spans show them. */
  readonly #seen: Record<(typeof tokenKeys)[number], number> = {
    input_tokens: 0,
    output_tokens: 0,
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    reasoning_tokens: 0,
    tokens_used: 0,
  }

  /** Takes over what was charged elsewhere. */
  add(other: Ledger): void {
    this.llmCalls += other.llmCalls
    this.toolCalls += other.toolCalls
    this.tokens += other.tokens
    this.ownCost += other.ownCost
    this.delegatedCost += other.delegatedCost
    this.unpricedCalls += other.unpricedCalls
    this.see(other.#seen)
  }

  see(call: Payload): void {
    for (const key of tokenKeys) this.#seen[key] += numberOf(call[key])
  }

  /** The token counts of a stated sum that the calls seen so far leave open; undefined when they leave nothing. */
  unseen(sum: Payload): Payload | undefined {
    const open = tokenKeys.flatMap((key) =>
      sum[key] === undefined ? [] : [[key, Math.max(0, numberOf(sum[key]) - this.#seen[key])] as const],
    )
    return open.some(([, tokens]) => tokens > 0) ? Object.fromEntries(open) : undefined
  }
}

/**
 * What an agent's own calls used beyond what their spans showed, as one call: the sum over the run must be right where a
 * framework counts only the last step of an agent on a span. How many calls these were, and how long they took, is not known.
 */
export function unseenCalls(facts: SpanFacts, ledger: Ledger | undefined): SpanFacts[] {
  const unseen = facts.ownUsage && ledger?.unseen(facts.ownUsage)
  if (unseen === undefined) return []
  const { startedType: _, ownUsage: sum, ...agent } = facts
  const payload = { ...sum, ...unseen, success: true, steps: 'unseen' }
  return [{ ...agent, finishedType: 'llm_call', timed: false, payload }]
}

/** The end of a call whose usage another event has: it is not counted again. */
export function toldPayload({ payload }: SpanFacts): Record<string, unknown> {
  const counted = new Set<string>([...tokenKeys, 'time_to_first_token_ms'])
  const rest = Object.entries(payload).filter(([key]) => !counted.has(key))
  return { ...Object.fromEntries(rest), cost: 0, counted_elsewhere: true }
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
