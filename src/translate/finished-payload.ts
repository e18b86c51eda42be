import type { SpanNode } from './agent-context.ts'
import { known } from './attributes.ts'
import type { PriceCall } from './pricing.ts'
import type { SpanFacts } from './span-facts.ts'

type Payload = Record<string, unknown>

/**
 * Payload of the finished event: the facts of the dialect, plus what only the tree knows. Tokens and cost go to the nearest
 * agent above, and from leaf model calls only, so that no sum is ever counted again on a parent.
 */
export function finishedPayload(facts: SpanFacts, node: SpanNode, latency: number, price: PriceCall): Payload {
  switch (facts.finishedType) {
    case 'llm_call':
      return finishedCall({ ...node.innerCall, ...facts.payload }, node, latency, price)
    case 'tool_usage':
      return finishedTool(facts, node, latency)
    case 'agent_execution_completed':
      return { ...facts.payload, ...settleLedger(node), session_duration_ms: latency }
    case 'memory_tier_access':
      return memoryAccess(facts.payload, latency)
    case 'agent_collaboration':
      return known({
        primary_agent: (facts.agent ?? node.agent)?.id,
        ...facts.payload,
        resolution_time_ms: facts.timed ? latency : undefined,
      })
    default:
      return facts.timed ? { ...facts.payload, latency_ms: latency } : { ...facts.payload }
  }
}

/** What an inner span of the same call knew fills in what the outer one does not. */
function finishedCall(payload: SpanFacts['payload'], node: SpanNode, latency: number, price: PriceCall): Payload {
  const stated = payload['cost']
  const cost = typeof stated === 'number' ? stated : tablePrice(payload, price)
  const ledger = node.agentAbove?.ledger
  if (ledger) {
    ledger.llmCalls += 1
    ledger.tokens += numberOf(payload['tokens_used'])
    ledger.ownCost += cost ?? 0
    // A call that failed is not billed; one that succeeded was, by an amount nobody knows.
    if (cost === undefined && payload['success'] === true) ledger.unpricedCalls += 1
  }
  const source = typeof stated === 'number' ? 'provider' : 'price_table'
  return { ...payload, ...(cost === undefined ? {} : { cost, cost_source: source }), latency_ms: latency }
}

function tablePrice(payload: SpanFacts['payload'], price: PriceCall): number | undefined {
  const { model, provider, input_tokens: input, output_tokens: output } = payload
  if (typeof model !== 'string' || (input === undefined && output === undefined)) return undefined
  return price({
    model,
    provider: typeof provider === 'string' ? provider : undefined,
    inputTokens: numberOf(input),
    outputTokens: numberOf(output),
    cachedInputTokens: numberOf(payload['cached_input_tokens']),
    cacheWriteTokens: numberOf(payload['cache_write_tokens']),
  })
}

function finishedTool(facts: SpanFacts, node: SpanNode, latency: number): Payload {
  const ledger = node.agentAbove?.ledger
  if (ledger) ledger.toolCalls += 1
  return { ...facts.payload, execution_time_ms: latency }
}

/** Closes an agent's ledger: its figures go into its event, and its cost to the agent above as delegated. */
function settleLedger(node: SpanNode): Payload {
  const ledger = node.ledger
  if (ledger === undefined) return {}
  const above = node.agentAbove?.ledger
  if (above) {
    above.delegatedCost += ledger.ownCost + ledger.delegatedCost
    above.unpricedCalls += ledger.unpricedCalls
  }
  return known({
    llm_calls_made: ledger.llmCalls,
    tools_used: ledger.toolCalls,
    tokens_used: ledger.tokens,
    own_cost: ledger.ownCost,
    delegated_cost: ledger.delegatedCost,
    unpriced_calls: ledger.unpricedCalls > 0 ? ledger.unpricedCalls : undefined,
  })
}

/** Both shapes that readers of the predecessor knew: a latency of this tier, and a map by tier. */
function memoryAccess(payload: SpanFacts['payload'], latency: number): Payload {
  const items = payload['items_retrieved']
  const tier = known({ latency_ms: latency, hit: payload['cache_hit'], items_found: items })
  return {
    ...payload,
    latency_ms: latency,
    total_latency_ms: latency,
    tier_latencies: { [String(payload['tier_accessed'])]: tier },
    ...known({ result_count: items }),
  }
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
