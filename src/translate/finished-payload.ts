import { known } from './attributes.ts'
import { latencyMs } from './build-event.ts'
import type { PriceCall, PricedCall } from './pricing.ts'
import { allViews } from './same-step.ts'
import type { SpanFacts } from './span-facts.ts'
import type { SpanNode } from './span-node.ts'
import type { SpanRecord } from './span-record.ts'

type Payload = Record<string, unknown>

/**
 * Payload of the finished event: the facts of the dialect, plus what only the tree knows. Tokens and cost go to the nearest
 * agent above, and from leaf model calls only, so that no sum is ever counted again on a parent.
 */
export function finishedPayload(facts: SpanFacts, node: SpanNode, span: SpanRecord, price: PriceCall): Payload {
  const latency = latencyMs(span)
  switch (facts.finishedType) {
    case 'llm_call':
      return finishedCall(facts, node, span, price)
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

/** What another span of the same call knew fills in what this one does not; how it ended is the outer one's to say. */
function finishedCall(step: SpanFacts, node: SpanNode, span: SpanRecord, price: PriceCall): Payload {
  const facts =
    node.otherView === undefined ? step.payload : { ...withoutOutcome(node.otherView), ...known(step.payload) }
  const stated = facts['cost']
  const isStated = typeof stated === 'number' && stated >= 0
  const call = pricedCall(facts, span)
  const cost = isStated ? stated : call && price(call)
  charge(node, facts, cost)
  return {
    ...facts,
    cost,
    cost_source: cost === undefined ? undefined : isStated ? 'provider' : 'price_table',
    ...(step.timed && { latency_ms: latencyMs(span) }),
  }
}

function withoutOutcome({ success: _, error_type: _type, error_message: _message, ...other }: SpanFacts['payload']) {
  return other
}

/** A call that comes after its agent has ended, as those of CrewAI's memory do, is work that the agent above has given away. */
function charge(node: SpanNode, facts: SpanFacts['payload'], cost: number | undefined): void {
  const ledger = node.ledger ?? node.payer
  if (ledger === undefined) return
  // A call that failed is not billed; one that succeeded was, by an amount nobody knows.
  if (cost === undefined && facts['success'] !== false) ledger.unpricedCalls += 1
  if (node.ledger === undefined && node.agentAbove?.hasToldCharges) {
    ledger.delegatedCost += cost ?? 0
    return
  }
  ledger.llmCalls += 1
  ledger.tokens += count(facts['tokens_used']) ?? 0
  ledger.ownCost += cost ?? 0
  ledger.see(facts)
}

/** What is billed; undefined where the source counts nothing. */
function pricedCall(facts: SpanFacts['payload'], span: SpanRecord): PricedCall | undefined {
  if (facts['input_tokens'] === undefined && facts['output_tokens'] === undefined) return undefined
  return {
    model: word(facts['model']),
    requestModel: word(facts['request_model']),
    provider: word(facts['provider']),
    atMs: span.endMs ?? span.startMs,
    inputTokens: count(facts['input_tokens']),
    // An embedding has no output that could be unknown.
    outputTokens: facts['operation'] === 'embeddings' ? 0 : count(facts['output_tokens']),
    cachedInputTokens: count(facts['cached_input_tokens']),
    cacheWriteTokens: count(facts['cache_write_tokens']),
    reasoningTokens: count(facts['reasoning_tokens']),
  }
}

function finishedTool(facts: SpanFacts, node: SpanNode, latency: number): Payload {
  const ledger = node.payer
  if (ledger) ledger.toolCalls += 1
  return { ...(facts.isOfAgentAbove ? facts.payload : allViews(node)), execution_time_ms: latency }
}

/** Closes an agent's ledger: its figures go into its event, and its cost to the agent above as delegated. */
function settleLedger(node: SpanNode): Payload {
  const ledger = node.ledger
  if (ledger === undefined) return {}
  const above = node.payer
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

function count(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
