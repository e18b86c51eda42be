import type { AurenEvent } from '../events/event.ts'
import { AgentContext } from './agent-context.ts'
import { known } from './attributes.ts'
import { buildEvent, startedPayload } from './build-event.ts'
import type { Envelope, EnvelopeOptions } from './build-event.ts'
import { aiSdk } from './dialects/ai-sdk.ts'
import { auren } from './dialects/auren.ts'
import { crewAi } from './dialects/crewai.ts'
import { database } from './dialects/database.ts'
import { genAi } from './dialects/gen-ai.ts'
import { genkit } from './dialects/genkit.ts'
import { mastra } from './dialects/mastra.ts'
import { mcp } from './dialects/mcp.ts'
import { openInference } from './dialects/open-inference.ts'
import { traceloop } from './dialects/traceloop.ts'
import { voltAgent } from './dialects/voltagent.ts'
import { finishedPayload } from './finished-payload.ts'
import { identityOf } from './identity.ts'
import { toldPayload, unseenCalls } from './ledger.ts'
import { priceByTable } from './pricing.ts'
import type { PriceCall } from './pricing.ts'
import type { Dialect, DialectOptions, SpanFacts } from './span-facts.ts'
import { RedactedAgents } from './redacted-agents.ts'
import { outerStep, SameStep } from './same-step.ts'
import type { SpanNode } from './span-node.ts'
import type { SpanRecord } from './span-record.ts'

/** The first dialect that knows a span has the say: the specific ones stand before the general. */
const dialects: readonly Dialect[] = [
  auren,
  crewAi,
  aiSdk,
  genkit,
  voltAgent,
  openInference,
  traceloop,
  mastra,
  mcp,
  genAi,
  database,
]

export interface TranslatorOptions extends EnvelopeOptions, DialectOptions {
  readonly price?: PriceCall
  /** Told of spans that could not be translated; they are left out and cost no other span. */
  readonly onOddSpan?: (error: unknown) => void
}

/** Spans in, events out. It remembers which agent each span belongs to; everything else is computed from the span. */
export class SpanTranslator {
  readonly #context = new AgentContext()
  readonly #sameStep = new SameStep()
  readonly #options: TranslatorOptions
  readonly #envelope: Envelope
  readonly #price: PriceCall

  constructor(options: TranslatorOptions) {
    this.#options = options
    this.#envelope = { ...options, agents: new RedactedAgents(options.redact) }
    this.#price = options.price ?? priceByTable
  }

  /** Makes a span known before it is translated, so that its children may be translated first. */
  enter(span: SpanRecord): void {
    this.#guarded(span, this.#context.enter(span), () => [])
  }

  /** Whether the span would give an event and a span above it, not known yet, may be its agent. */
  waitsForAgent(span: SpanRecord): boolean {
    try {
      const node = this.#context.enter(span)
      return node.mayFindAgent && this.#read(span, node).length > 0
    } catch {
      return false
    }
  }

  /** Events of a span that has just started: none or one. */
  started(span: SpanRecord): AurenEvent[] {
    const node = this.#context.enter(span)
    return this.#guarded(span, node, ([facts]) => {
      if (facts?.startedType === undefined || outerStep(node) !== undefined) return []
      const draft = {
        span,
        node,
        facts,
        type: facts.startedType,
        phase: 'start',
        payload: startedPayload(facts),
      } as const
      const event = buildEvent(draft, this.#envelope)
      node.eventId = event.event_id
      return [event]
    })
  }

  /** Events of a span that has ended. */
  ended(span: SpanRecord): AurenEvent[] {
    const node = this.#context.enter(span)
    const events = this.#guarded(span, node, (read) => {
      const [step] = read
      if (step === undefined) return []
      const isTold = this.#sameStep.isTold(node)
      // A start that is published gets its end, which is then not counted.
      if (isTold && node.eventId === undefined) return []
      const all = isTold ? [step] : [...unseenCalls(step, node.ledger), ...read, ...delegation(node, step)]
      const events = all.map((facts) => {
        const phase = facts === step ? 'end' : (`end:${facts.finishedType}` as const)
        const payload = isTold ? toldPayload(facts) : finishedPayload(facts, node, span, this.#price)
        const event = buildEvent({ span, node, facts, type: facts.finishedType, phase, payload }, this.#envelope)
        if (phase === 'end') node.eventId ??= event.event_id
        return event
      })
      if (!isTold) node.publish()
      return events
    })
    this.#context.leave(node)
    node.end()
    return events
  }

  #guarded(span: SpanRecord, node: SpanNode, translate: (facts: readonly SpanFacts[]) => AurenEvent[]): AurenEvent[] {
    try {
      const facts = this.#read(span, node)
      const identity = identityOf(span)
      node.belongsTo(identity)
      if (identity.isAgentNode && node.parent !== undefined) node.parent.hasAgentNode = true
      node.learn(facts)
      if (facts[0] === undefined || node.type === undefined) {
        node.publishedBelow?.publish()
        return []
      }
      this.#sameStep.note(span, node)
      return facts[0].needsAgent && node.agent === undefined ? [] : translate(facts)
    } catch (error) {
      this.#options.onOddSpan?.(error)
      return []
    }
  }

  /** Received spans are entered, held and ended: what was read of one is kept until then. */
  #read(span: SpanRecord, node: SpanNode): readonly SpanFacts[] {
    if (node.reading?.span !== span) node.reading = { span, facts: readSpan(span, this.#options) }
    return node.reading.facts
  }
}

function readSpan(span: SpanRecord, options: DialectOptions): readonly SpanFacts[] {
  for (const dialect of dialects) {
    const facts = dialect(span, options)
    if (facts !== null) return facts
  }
  return []
}

/** An agent that ran below another one worked for it. */
function delegation(node: SpanNode, facts: SpanFacts): SpanFacts[] {
  if (facts.finishedType !== 'agent_execution_completed' || facts.agent === undefined) return []
  const above = node.agentAbove?.isTeam ? undefined : node.agentAbove?.agent
  if (above === undefined || above.id === facts.agent.id) return []
  // A tool that says it passes work on has an event of its own for it.
  if (node.stepAbove?.passesTo === facts.agent.id) return []
  return [
    {
      dialect: facts.dialect,
      platform: facts.platform,
      ...known({ metadata: facts.metadata }),
      finishedType: 'agent_collaboration',
      agent: above,
      target: facts.agent,
      timed: true,
      payload: {
        primary_agent: above.id,
        collaborating_agents: [facts.agent.id],
        collaboration_type: facts.collaborationType ?? 'delegation',
        ...known({ success: facts.payload['success'], error_type: facts.payload['error_type'] }),
      },
    },
  ]
}
