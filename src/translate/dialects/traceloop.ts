import { known, structured, text } from '../attributes.ts'
import { identityOf } from '../identity.ts'
import { outcome } from '../outcome.ts'
import type { Dialect, SpanFacts } from '../span-facts.ts'
import type { SpanRecord } from '../span-record.ts'
import { agentExecution, handoff, namedAgent, toolStep } from '../steps.ts'

/**
 * The workflow layer of OpenLLMetry: `traceloop.span.kind` on spans of its decorators. Its model calls, and its spans that
 * name an operation, speak the GenAI conventions.
 */
export const traceloop: Dialect = (span, options) => {
  const kind = text(span.attributes, 'traceloop.span.kind')
  const operation = text(span.attributes, 'gen_ai.operation.name')
  if (kind === 'handoff' || operation === 'handoff') return agentHandoff(span)
  // CrewAI's crews and tasks are marked as agents by their operation, but only the agent is one.
  if (kind === 'task' && operation === 'invoke_agent') return []
  if (kind === undefined || operation !== undefined) return null
  const { error_message, ...end } = outcome(span)
  const name = text(span.attributes, 'traceloop.entity.name')
  if (kind === 'agent') {
    const agent = identityOf(span.attributes).agent ?? (name === undefined ? undefined : namedAgent(name))
    if (agent === undefined) return []
    return [{ ...shared(span), ...agentExecution(span, agent) }]
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
  return [{ ...shared(span), ...toolStep, payload }]
}

function shared(span: SpanRecord): Pick<SpanFacts, 'dialect' | 'platform' | 'agent' | 'sessionId' | 'userId'> {
  const platform = span.scope.replace(/^@traceloop\//, '').replace(/^.*instrumentation[-.]/, '')
  return { dialect: 'traceloop', platform, ...identityOf(span.attributes) }
}

function agentHandoff(span: SpanRecord): SpanFacts[] {
  const source = text(span.attributes, 'gen_ai.handoff.from_agent')
  const target = text(span.attributes, 'gen_ai.handoff.to_agent')
  if (target === undefined) return []
  return [
    {
      ...shared(span),
      ...(source === undefined ? {} : { agent: namedAgent(source) }),
      ...handoff(span, target),
    },
  ]
}
