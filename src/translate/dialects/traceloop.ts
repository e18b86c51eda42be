import { known, structured, text } from '../attributes.ts'
import { identityOf } from '../identity.ts'
import { outcome } from '../outcome.ts'
import type { Dialect, SpanFacts } from '../span-facts.ts'
import type { SpanRecord } from '../span-record.ts'

/**
 * The workflow layer of OpenLLMetry: `traceloop.span.kind` on spans of its decorators. Its model calls, and its spans that
 * name an operation, speak the GenAI conventions.
 */
export const traceloop: Dialect = (span, options) => {
  const kind = text(span.attributes, 'traceloop.span.kind')
  const operation = text(span.attributes, 'gen_ai.operation.name')
  if (kind === 'handoff' || operation === 'handoff') return handoff(span)
  // CrewAI's crews and tasks are marked as agents by their operation, but only the agent is one.
  if (kind === 'task' && operation === 'invoke_agent') return []
  if (kind === undefined || operation !== undefined) return null
  const { error_message, ...end } = outcome(span)
  const name = text(span.attributes, 'traceloop.entity.name')
  if (kind === 'agent') {
    const agent = identityOf(span.attributes).agent ?? (name === undefined ? undefined : { id: name, role: name })
    if (agent === undefined) return []
    const payload = { execution_result: end.success ? 'success' : 'error', ...end }
    return [
      {
        ...shared(span),
        startedType: 'agent_execution_started',
        finishedType: 'agent_execution_completed',
        agent,
        timed: true,
        payload,
      },
    ]
  }
  if (kind !== 'tool') return []
  const content = options.captureContent
    ? {
        arguments: structured(span.attributes, 'traceloop.entity.input'),
        result: structured(span.attributes, 'traceloop.entity.output'),
        error_message,
      }
    : {}
  const payload = known({ tool_name: name, ...end, ...content })
  return [{ ...shared(span), startedType: 'tool_usage_started', finishedType: 'tool_usage', timed: true, payload }]
}

function shared(span: SpanRecord): Pick<SpanFacts, 'dialect' | 'platform' | 'agent' | 'sessionId' | 'userId'> {
  const platform = span.scope.replace(/^@traceloop\//, '').replace(/^.*instrumentation[-.]/, '')
  return { dialect: 'traceloop', platform, ...identityOf(span.attributes) }
}

function handoff(span: SpanRecord): SpanFacts[] {
  const source = text(span.attributes, 'gen_ai.handoff.from_agent')
  const target = text(span.attributes, 'gen_ai.handoff.to_agent')
  if (target === undefined) return []
  return [
    {
      ...shared(span),
      finishedType: 'agent_collaboration',
      ...(source === undefined ? {} : { agent: { id: source, role: source } }),
      target: { id: target, role: target },
      timed: true,
      payload: { collaborating_agents: [target], collaboration_type: 'handoff', success: outcome(span).success },
    },
  ]
}
