import type { AgentRef } from '../events/event.ts'
import type { Identity } from './identity.ts'
import type { SpanFacts } from './span-facts.ts'
import type { SpanRecord } from './span-record.ts'

/** What an agent and the agents below it used. Costs are USD; only leaf model calls are counted. */
export class Ledger {
  llmCalls = 0
  toolCalls = 0
  tokens = 0
  ownCost = 0
  delegatedCost = 0
  /** Model calls without a known price: the costs are then a lower bound. */
  unpricedCalls = 0
}

/** One open or recently ended span, and who it belongs to. */
export class SpanNode {
  parent: SpanNode | undefined
  /** False while the span is only known as somebody's parent. */
  isKnown = false
  /** Set when this span is an agent execution. */
  ledger: Ledger | undefined
  /** Id of the first event this span gave. */
  eventId: string | undefined
  /** Facts of a call that was seen a second time below this one. */
  innerCall: SpanFacts['payload'] | undefined
  /** What the span is; undefined for a span of no interest. */
  #type: SpanFacts['finishedType'] | undefined
  #agent: AgentRef | undefined
  #sessionId: string | undefined
  #userId: string | undefined

  /** Takes what a span says of who it belongs to; what it does not say is inherited. */
  belongsTo({ agent, sessionId, userId }: Partial<Identity>): void {
    if (agent) this.#agent = agent
    if (sessionId !== undefined) this.#sessionId = sessionId
    if (userId !== undefined) this.#userId = userId
  }

  learn(facts: SpanFacts): void {
    this.belongsTo(facts)
    this.#type = facts.finishedType
    if (facts.finishedType === 'agent_execution_completed') this.ledger ??= new Ledger()
  }

  get agent(): AgentRef | undefined {
    return this.#agent ?? this.parent?.agent
  }

  get sessionId(): string | undefined {
    return this.#sessionId ?? this.parent?.sessionId
  }

  get userId(): string | undefined {
    return this.#userId ?? this.parent?.userId
  }

  /**
   * The model call right around this model call: one call that two instrumentations see, or a framework and its client. The
   * outer one was told first, so it is the one that counts.
   */
  get wrappingCall(): SpanNode | undefined {
    if (this.#type !== 'llm_call') return undefined
    let node = this.parent
    while (node !== undefined && node.#type === undefined) node = node.parent
    return node !== undefined && node.#type === 'llm_call' ? node : undefined
  }

  /** Whether nobody above is an agent so far, and one of them is not known yet. */
  get mayFindAgent(): boolean {
    if (this.#agent !== undefined) return false
    return !this.isKnown || (this.parent?.mayFindAgent ?? false)
  }

  /** The nearest agent execution above this span. */
  get agentAbove(): SpanNode | undefined {
    let node = this.parent
    while (node !== undefined && node.ledger === undefined) node = node.parent
    return node
  }

  /** Ids of the agents above, the outermost first. */
  get ancestorAgents(): string[] {
    const ids: string[] = []
    for (let node = this.agentAbove; node !== undefined; node = node.agentAbove)
      if (node.agent) ids.unshift(node.agent.id)
    return ids
  }

  /** The event of the nearest span above that gave one. */
  get parentEventId(): string | undefined {
    let node = this.parent
    while (node !== undefined && node.eventId === undefined) node = node.parent
    return node?.eventId
  }
}

/** Spans remembered after their end, for children that start later; older ones are forgotten. */
const endedKept = 4_096
/** Spans open at once; beyond it the oldest is taken for abandoned and forgotten, so that a leak cannot grow for ever. */
const openKept = 50_000

/** Which agent, session and user each span belongs to: its own, else those of the nearest span above that has them. */
export class AgentContext {
  readonly #open = new Map<string, SpanNode>()
  readonly #ended = new Map<string, SpanNode>()

  /** The node of a span. Its parent's node is there too, empty while the parent is unknown: over OTLP children come first. */
  enter(span: SpanRecord): SpanNode {
    const key = span.traceId + span.spanId
    const node = this.#open.get(key) ?? this.#ended.get(key) ?? new SpanNode()
    node.isKnown = true
    if (span.parentSpanId !== null) node.parent ??= this.#known(span.traceId + span.parentSpanId)
    this.#ended.delete(key)
    remember(this.#open, key, node, openKept)
    return node
  }

  leave(span: SpanRecord): void {
    const key = span.traceId + span.spanId
    const node = this.#open.get(key)
    if (node === undefined) return
    this.#open.delete(key)
    remember(this.#ended, key, node, endedKept)
  }

  #known(key: string): SpanNode {
    const known = this.#open.get(key) ?? this.#ended.get(key)
    if (known !== undefined) return known
    const unknown = new SpanNode()
    remember(this.#ended, key, unknown, endedKept)
    return unknown
  }
}

function remember(map: Map<string, SpanNode>, key: string, node: SpanNode, bound: number): void {
  map.set(key, node)
  if (map.size <= bound) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    return
  }
}
