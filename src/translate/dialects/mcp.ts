import { known, text } from '../attributes.ts'
import { outcome } from '../outcome.ts'
import type { Dialect, DialectOptions, SpanFacts } from '../span-facts.ts'
import type { SpanRecord } from '../span-record.ts'
import { toolCall } from './gen-ai.ts'

const shared = { dialect: 'mcp', platform: 'mcp' } as const

/**
 * The MCP conventions of OpenTelemetry: `mcp.method.name` on client and server spans. Of its methods two are an agent's
 * doing: a tool call and the reading of a resource. The agent's span around it, the client's and the server's of one call are
 * one event.
 */
export const mcp: Dialect = (span, options) => {
  const method = text(span.attributes, 'mcp.method.name')
  if (method === undefined) return null
  if (method === 'tools/call') return toolCall(span, options).map((facts) => ({ ...facts, ...shared }))
  if (method === 'resources/read') return [resourceRead(span, options)]
  return []
}

function resourceRead(span: SpanRecord, options: DialectOptions): SpanFacts {
  const { error_message, ...end } = outcome(span)
  const content = options.captureContent ? { topic: text(span.attributes, 'mcp.resource.uri'), error_message } : {}
  const payload = known({ source: 'mcp', ...end, ...content })
  return { ...shared, finishedType: 'knowledge_access', timed: true, payload }
}
