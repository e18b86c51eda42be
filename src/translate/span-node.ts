import type { AgentRef } from '../events/event.ts'
import type { Identity } from './identity.ts'
import { Ledger } from './ledger.ts'
import type { SpanFacts } from './span-facts.ts'
import type { SpanRecord } from './span-record.ts'

type Payload = SpanFacts['payload']

/** A model call that has ended, as one span shows it. */
export interface CallView {
  readonly node: SpanNode
  /** What it has in common with the other views of the call. */
  readonly keys: readonly string[]
  readonly span: Pick<SpanRecord, 'startMs' | 'endMs' | 'scope' | 'resource'>
  /** The view of another span; a call has two at most, since those inside each other are told by the tree. */
  other?: CallView
  isTold: boolean
}

/** One open or recently ended span, and who it belongs to. */
export class SpanNode {
  /** Trace id and span id. */
  readonly key: string
  #parent: SpanNode | undefined
  /** False while the span is only known as somebody's parent. */
  isKnown = false
  /** Id of the first event this span gave. */
  eventId: string | undefined
  /** Whether the event of its end is published. */
  isPublished = false
  /** What another span of the same step knows, that is not published itself. */
  otherView: Payload | undefined
  /** What was last read of the span. */
  reading: { readonly span: SpanRecord; readonly facts: readonly SpanFacts[] } | undefined
  /** Present when this is a model call that has ended. */
  call: CallView | undefined
  /** The step's own facts. */
  payload: Payload | undefined
  /** A model or tool call published below, before this span was known. */
  publishedBelow: SpanNode | undefined
  /** Id of the agent that the step passes work to. */
  passesTo: string | undefined
  /** Whether a node `agent` lies right below: then this graph is an agent. */
  hasAgentNode = false
  /** Whether it has ended: what comes later, the agents above tell. */
  hasToldCharges = false
  /** Whether it only gives tasks to the agents below: a crew. */
  isTeam = false
  #ledger: Ledger | undefined
  /** What the span is; undefined for a span of no interest. */
  #type: SpanFacts['finishedType'] | undefined
  #agent: AgentRef | undefined
  /** The agent that this graph is, if the tree confirms it. */
  #graphAgent: AgentRef | undefined
  #isNested = false
  #sessionId: string | undefined
  #userId: string | undefined
  #taskId: string | undefined

  constructor(key: string) {
    this.key = key
  }

  get parent(): SpanNode | undefined {
    return this.#parent
  }

  /** Spans may claim to be each other's parents; the link that would close a circle is not made. */
  under(parent: SpanNode): void {
    if (this.#parent !== undefined) return
    for (let above: SpanNode | undefined = parent; above !== undefined; above = above.#parent)
      if (above === this) return
    this.#parent = parent
  }

  /** Takes what a span says of who it belongs to; what it does not say is inherited. */
  belongsTo({ agent, sessionId, userId, taskId }: Partial<Identity>): void {
    if (agent) this.#agent = agent
    if (taskId !== undefined) this.#taskId = taskId
    if (sessionId !== undefined) this.#sessionId = sessionId
    if (userId !== undefined) this.#userId = userId
  }

  /** Takes what a dialect reads from the span; the first of the facts is the span itself. */
  learn(read: readonly SpanFacts[]): void {
    const [facts] = read
    if (facts === undefined) return
    this.payload = facts.payload
    this.isTeam = facts.isTeam ?? false
    this.passesTo = read.find(({ finishedType }) => finishedType === 'agent_collaboration')?.target?.id
    if (facts.agentGraph === undefined) {
      this.belongsTo(facts)
      this.#type = facts.finishedType
    } else {
      this.belongsTo({ sessionId: facts.sessionId, userId: facts.userId })
      this.#graphAgent = facts.agent
      this.#isNested = facts.agentGraph === 'nested'
    }
  }

  get type(): SpanFacts['finishedType'] | undefined {
    return this.#type ?? (this.#isAgentGraph ? 'agent_execution_completed' : undefined)
  }

  get agent(): AgentRef | undefined {
    return (this.#isAgentGraph ? this.#graphAgent : this.#agent) ?? this.parent?.agent
  }

  get sessionId(): string | undefined {
    return this.#sessionId ?? this.parent?.sessionId
  }

  get userId(): string | undefined {
    return this.#userId ?? this.parent?.userId
  }

  get taskId(): string | undefined {
    return this.#taskId ?? this.parent?.taskId
  }

  /** Present when this span is an agent execution. */
  get ledger(): Ledger | undefined {
    return this.type === 'agent_execution_completed' ? (this.#ledger ??= new Ledger()) : undefined
  }

  /**
   * Where this step is charged: to the nearest agent above, or to a span above that may turn out to be one, or below one. Where
   * no agent is above so far, the nearest open span keeps the charge: it may be one when it ends.
   */
  get payer(): Ledger | undefined {
    let node = this.#parent
    while (node?.isKnown && (node.ledger === undefined || node.hasToldCharges)) node = node.#parent
    node ??= this.#openAbove
    return node && (node.#ledger ??= new Ledger())
  }

  get #openAbove(): SpanNode | undefined {
    let node = this.#parent
    while (node?.hasToldCharges) node = node.#parent
    return node
  }

  /** To be called at the end: what was charged to a span that turns out to be no agent goes to the one above. */
  end(): void {
    this.reading = undefined
    if (this.ledger === undefined && this.#ledger !== undefined) this.payer?.add(this.#ledger)
    this.#ledger = undefined
    this.hasToldCharges = true
  }

  /** Whether nobody above is an agent so far, and one of them is not known yet. */
  get mayFindAgent(): boolean {
    if (this.#agent !== undefined || this.#isAgentGraph) return false
    return !this.isKnown || (this.parent?.mayFindAgent ?? false)
  }

  /** The nearest span above that gives an event. */
  get stepAbove(): SpanNode | undefined {
    let node = this.parent
    while (node !== undefined && node.type === undefined) node = node.parent
    return node
  }

  /** The nearest agent execution above this span. */
  get agentAbove(): SpanNode | undefined {
    let node = this.parent
    while (node !== undefined && node.ledger === undefined) node = node.parent
    return node
  }

  /** Ids of the agents above, the outermost first. */
  get ancestorAgents(): readonly string[] {
    const above = this.agentAbove
    if (above === undefined) return []
    return above.agent === undefined ? above.ancestorAgents : above.ancestorAgents.concat(above.agent.id)
  }

  /** Notes that the step is published: a span above that is not known yet may turn out to be the same step. */
  publish(): void {
    this.isPublished = true
    if (this.type !== 'llm_call' && this.type !== 'tool_usage') return
    for (let above = this.parent; above !== undefined && above.type === undefined; above = above.parent)
      above.publishedBelow = this
  }

  /** The event of the nearest span above that gave one. */
  get parentEventId(): string | undefined {
    let node = this.parent
    while (node !== undefined && node.eventId === undefined) node = node.parent
    return node?.eventId
  }

  /** The name of a graph, whether or not it is an agent. */
  get graphName(): string | undefined {
    return this.#graphAgent?.id
  }

  /** A graph is an agent when it has a node `agent`, or lies in the node of its own name. */
  get #isAgentGraph(): boolean {
    if (this.#graphAgent === undefined) return false
    return this.hasAgentNode || (this.#isNested && this.#graphAgent.id === this.parent?.graphName)
  }
}
