import { SpanKind, context, trace } from '@opentelemetry/api'
import type { AurenEventType } from '../events/event-types.ts'
import type {
  AgentIdentity,
  BiometricReading,
  Collaboration,
  CollaborationStep,
  ConversationTurn,
  Decision,
  Handoff,
  Hypothesis,
  KnowledgeAccess,
  KnowledgeStep,
  LlmRequest,
  LlmStep,
  MemoryAccess,
  MemoryStep,
  ToolStep,
  ToolUse,
} from './agent-types.ts'
import { beginRun } from './run-flush.ts'
import { Step } from './step.ts'
import {
  agentAttributes,
  biometricPayload,
  conversationPayload,
  decisionPayload,
  hypothesisPayload,
  llmAttributes,
  llmStep,
  toolAttributes,
} from './step-attributes.ts'

type Work<S, T> = (step: S) => T | Promise<T>

/**
 * Runs `work` as one execution of an agent and resolves or rejects as it does. What happens inside, across `await`s and in
 * instrumented libraries, belongs to this agent; an agent inside another works for it. Without a running OpenTelemetry SDK
 * nothing is recorded and `work` runs all the same.
 */
export async function agent<T>(identity: string | AgentIdentity, work: (run: AgentRun) => T | Promise<T>): Promise<T> {
  const who = typeof identity === 'string' ? { id: identity } : identity
  const { parent, ended } = beginRun()
  const step = Step.start(`invoke_agent ${who.name ?? who.id}`, agentAttributes(who), SpanKind.INTERNAL, parent)
  try {
    return await step.run(() => work(new AgentRun(who, step)))
  } finally {
    await ended()
  }
}

/** What an agent does during one execution. Calls nest by context, so tools inside a tool show as its children. */
export class AgentRun {
  readonly #who: AgentIdentity
  readonly #step: Step

  /** Runs are made by {@link agent}. */
  constructor(who: AgentIdentity, step: Step) {
    this.#who = who
    this.#step = step
  }

  /** W3C trace id of the run, 32 hex digits. */
  get traceId(): string {
    return this.#step.traceId
  }

  /** One call to a model. Tell the step its usage: input counts include cached tokens, output counts reasoning tokens. */
  llm<T>(request: LlmRequest, call: Work<LlmStep, T>): Promise<T> {
    const name = `${request.operation ?? 'chat'} ${request.model}`
    const step = this.#child(name, llmAttributes(request), SpanKind.CLIENT)
    return step.run(() => call(llmStep(step, performance.now())))
  }

  tool<T>(tool: string | ToolUse, work: Work<ToolStep, T>): Promise<T> {
    const use = typeof tool === 'string' ? { name: tool } : tool
    const step = this.#child(`execute_tool ${use.name}`, toolAttributes(use))
    if (use.arguments !== undefined) step.setContent('gen_ai.tool.call.arguments', use.arguments)
    return step.run(() => work({ result: (value) => step.setContent('gen_ai.tool.call.result', value) }))
  }

  /** One access to one memory tier; a fall-through is one access per tier. */
  memory<T>(access: MemoryAccess, work: Work<MemoryStep, T>): Promise<T> {
    const { tier, operation = 'search', query } = access
    const step = this.#child(`${operation} ${tier}`, {})
    const fact = step.states('memory_tier_access', { tier_accessed: tier, operation, query }, true)
    return step.run(() =>
      work({ hit: (found) => fact({ cache_hit: found }), items: (count) => fact({ items_retrieved: count }) }),
    )
  }

  knowledge<T>(access: KnowledgeAccess, work: Work<KnowledgeStep, T>): Promise<T> {
    const { domain, topic, query, source } = access
    const step = this.#child(`knowledge ${domain}`, {})
    const fact = step.states('knowledge_access', { knowledge_domain: domain, topic, query, source }, true)
    return step.run(() =>
      work({
        items: (count) => fact({ items_accessed: count, items_retrieved: count }),
        relevance: (score) => fact({ relevance_score: score }),
      }),
    )
  }

  /** Work done together with other agents, from the question to the agreement. */
  collaborate<T>(collaboration: Collaboration, work: Work<CollaborationStep, T>): Promise<T> {
    const partners = [collaboration.with].flat()
    const step = this.#child(`collaborate ${partners.join(' ')}`, {})
    if (partners.length === 1 && partners[0] !== undefined) step.directedAt({ id: partners[0], role: partners[0] })
    const fact = step.states(
      'agent_collaboration',
      {
        primary_agent: this.#who.id,
        collaborating_agents: partners,
        collaboration_type: collaboration.type ?? 'consultation',
        reason: collaboration.reason,
      },
      true,
    )
    return step.run(() =>
      work({
        consensus: (reached) => fact({ consensus_reached: reached }),
        confidence: (scores) => fact({ confidence_scores: scores }),
      }),
    )
  }

  /** Control passes to another agent, which is usually run next. */
  handoff({ to, reason }: Handoff): void {
    const target = typeof to === 'string' ? { id: to, role: to } : { id: to.id, role: to.role ?? to.id }
    const step = this.#child(`handoff ${target.id}`, {})
    step.directedAt(target)
    const payload = {
      primary_agent: this.#who.id,
      collaborating_agents: [target.id],
      collaboration_type: 'handoff',
      reason,
    }
    step.remark('agent_collaboration', payload)
  }

  decision(decision: Decision): void {
    this.#remark('agent_decision', decisionPayload(decision))
  }

  hypothesis(hypothesis: Hypothesis): void {
    this.#remark('hypothesis_formation', hypothesisPayload(hypothesis))
  }

  biometric(reading: BiometricReading): void {
    this.#remark('biometric_analysis', biometricPayload(reading))
  }

  conversation(turn: ConversationTurn): void {
    this.#remark('conversation_event', conversationPayload(turn))
  }

  /** Any other event of the AUREN types, with a payload of your own. */
  emit(type: AurenEventType, payload: Readonly<Record<string, unknown>>): void {
    this.#remark(type, payload)
  }

  #remark(type: AurenEventType, payload: Readonly<Record<string, unknown>>): void {
    this.#child(type, {}).remark(type, payload)
  }

  #child(name: string, attributes: Parameters<typeof Step.start>[1], kind = SpanKind.INTERNAL): Step {
    // A call from outside the run's context, such as an old event emitter, still belongs to the run.
    const parent = trace.getSpan(context.active()) === undefined ? this.#step.context : context.active()
    return Step.start(name, attributes, kind, parent)
  }
}
