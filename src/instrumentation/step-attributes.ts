import type { Attributes } from '@opentelemetry/api'
import { known } from '../translate/attributes.ts'
import type {
  AgentIdentity,
  BiometricReading,
  ConversationTurn,
  Decision,
  Hypothesis,
  LlmRequest,
  LlmStep,
  TokenUsage,
  ToolUse,
} from './agent-types.ts'
import type { Step } from './step.ts'

type Payload = Record<string, unknown>

export function agentAttributes(who: AgentIdentity): Attributes {
  return known({
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.id': who.id,
    'gen_ai.agent.name': who.name ?? who.id,
    'gen_ai.agent.version': who.version,
    'gen_ai.agent.description': who.description,
    'gen_ai.conversation.id': who.session,
    'user.id': who.user,
    'auren.agent.role': who.role,
    'auren.agent.goal': who.goal,
  })
}

export function llmAttributes(request: LlmRequest): Attributes {
  return known({
    'gen_ai.operation.name': request.operation ?? 'chat',
    'gen_ai.provider.name': request.provider,
    'gen_ai.request.model': request.model,
    'gen_ai.request.max_tokens': request.maxTokens,
    'gen_ai.request.temperature': request.temperature,
    'gen_ai.request.stream': request.stream,
    'auren.llm.purpose': request.purpose,
  })
}

export function llmStep(step: Step, startedAt: number): LlmStep {
  return {
    usage: (usage) => step.set(usageAttributes(usage)),
    response: ({ id, model, finishReasons }) =>
      step.set(
        known({
          'gen_ai.response.id': id,
          'gen_ai.response.model': model,
          'gen_ai.response.finish_reasons': finishReasons && [...finishReasons],
        }),
      ),
    firstToken: () => step.set({ 'gen_ai.response.time_to_first_chunk': (performance.now() - startedAt) / 1000 }),
    input: (messages) => step.setContent('gen_ai.input.messages', messages),
    output: (messages) => step.setContent('gen_ai.output.messages', messages),
  }
}

function usageAttributes(usage: TokenUsage): Attributes {
  return known({
    'gen_ai.usage.input_tokens': usage.inputTokens,
    'gen_ai.usage.output_tokens': usage.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage.cachedInputTokens,
    'gen_ai.usage.cache_write.input_tokens': usage.cacheWriteTokens,
    'gen_ai.usage.reasoning.output_tokens': usage.reasoningTokens,
    'gen_ai.usage.cost': usage.cost,
  })
}

export function toolAttributes(use: ToolUse): Attributes {
  return known({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': use.name,
    'gen_ai.tool.type': 'function',
    'gen_ai.tool.call.id': use.callId,
    'gen_ai.tool.description': use.description,
  })
}

export function decisionPayload(decision: Decision): Payload {
  return known({
    decision: decision.decision,
    confidence: decision.confidence,
    reasoning_chain: decision.reasoning,
    alternatives_considered: decision.alternatives,
    data_sources: decision.dataSources,
    decision_impact: decision.impact,
    decision_category: decision.category,
    origin: 'self_reported',
  })
}

export function hypothesisPayload(hypothesis: Hypothesis): Payload {
  const { validationDays } = hypothesis
  return known({
    hypothesis: hypothesis.hypothesis,
    confidence: hypothesis.confidence,
    evidence_points: hypothesis.evidencePoints,
    validation_timeline: validationDays === undefined ? undefined : `${validationDays} days`,
    domain: hypothesis.domain,
  })
}

export function biometricPayload(reading: BiometricReading): Payload {
  return known({
    metrics_available: Object.keys(reading.metrics),
    current_values: reading.metrics,
    analysis_depth: reading.depth,
    has_alerts: reading.alerts,
    trend_direction: reading.trend,
  })
}

export function conversationPayload(turn: ConversationTurn): Payload {
  return known({
    direction: turn.direction,
    message: turn.message?.slice(0, 500),
    message_length: turn.message?.length,
    conversation_id: turn.conversationId,
    message_number: turn.messageNumber,
  })
}
