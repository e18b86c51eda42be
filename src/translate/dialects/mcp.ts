import { known, structured, text } from '../attributes.ts'
import { identityOf } from '../identity.ts'
import { outcome } from '../outcome.ts'
import type { Dialect, DialectOptions, SpanFacts } from '../span-facts.ts'
import type { SpanRecord } from '../span-record.ts'
import { toolStep } from '../steps.ts'

/**
 * The MCP conventions of OpenTelemetry: `mcp.method.name` on client and server spans. Of its methods two are an agent's
 * doing: a tool call and the reading of a resource. The agent's span around it, the client's and the server's of one call are
 * one event.
 */
export const mcp: Dialect = (span, options) => {
  const method = text(span.attributes, 'mcp.method.name')
  if (method === undefined) return null
  if (method === 'tools/call') return [toolCall(span, options)]
  if (method === 'resources/read') return [resourceRead(span, options)]
  return []
}

function shared(span: SpanRecord): Pick<SpanFacts, 'dialect' | 'platform' | 'agent' | 'sessionId' | 'userId'> {
  const { agent, sessionId, userId } = identityOf(span)
  return { dialect: 'mcp', platform: 'mcp', agent, sessionId, userId }
}

function toolCall(span: SpanRecord, options: DialectOptions): SpanFacts {
  const a = span.attributes
  const { error_message, ...end } = outcome(span)
  const content = options.captureContent
    ? {
        arguments: structured(a, 'gen_ai.tool.call.arguments'),
        result: structured(a, 'gen_ai.tool.call.result'),
        error_message,
      }
    : {}
  return {
    ...shared(span),
    ...toolStep,
    payload: known({
      tool_name: text(a, 'gen_ai.tool.name', 'mcp.tool.name') ?? /^tools\/call (.+)$/.exec(span.name)?.[1],
      tool_call_id: text(a, 'gen_ai.tool.call.id'),
      ...end,
      ...content,
    }),
  }
}

function resourceRead(span: SpanRecord, options: DialectOptions): SpanFacts {
  const { error_message, ...end } = outcome(span)
  const content = options.captureContent ? { topic: text(span.attributes, 'mcp.resource.uri'), error_message } : {}
  const payload = known({ source: 'mcp', ...end, ...content })
  return { ...shared(span), finishedType: 'knowledge_access', timed: true, payload }
}
