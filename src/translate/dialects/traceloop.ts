import { known, structured, text } from '../attributes.ts'
import { identityOf } from '../identity.ts'
import { outcome } from '../outcome.ts'
import type { Dialect, DialectOptions, SpanFacts } from '../span-facts.ts'
import type { SpanRecord } from '../span-record.ts'
import { agentExecution, handoff, namedAgent, toolStep } from '../steps.ts'
import { toolMessage, transferIn } from './langchain.ts'

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
  if (kind === 'task' && operation === 'execute_tool') return langChainTool(span, options)
  if (kind === undefined || operation !== undefined) return null
  const name = text(span.attributes, 'traceloop.entity.name')
  if (kind === 'tool') return [tool(span, { tool_name: name }, options)]
  const agent = identityOf(span).agent ?? (name === undefined ? undefined : namedAgent(name))
  if (kind !== 'agent' || agent === undefined) return []
  return [{ ...shared(span), ...agentExecution(span, agent, options) }]
}

function shared(span: SpanRecord): Pick<SpanFacts, 'dialect' | 'platform'> {
  const platform = span.scope.replace(/^@traceloop\//, '').replace(/^.*instrumentation[-.]/, '')
  return { dialect: 'traceloop', platform }
}

function tool(span: SpanRecord, named: Record<string, string | undefined>, options: DialectOptions): SpanFacts {
  const { error_message, ...end } = outcome(span)
  const result = structured(span.attributes, 'traceloop.entity.output')
  const content = options.captureContent
    ? { arguments: structured(span.attributes, 'traceloop.entity.input'), result, error_message }
    : {}
  // An MCP result that says it is an error is no exception, and so has no type of its own.
  const failed = isMcpError(result) ? { success: false, error_type: 'tool_error' } : {}
  return { ...shared(span), ...toolStep, payload: known({ ...named, ...end, ...failed, ...content }) }
}

function isMcpError(result: unknown): boolean {
  return typeof result === 'object' && result !== null && (result as { is_error?: unknown }).is_error === true
}

/** Classes of LangChain whose name stands where the tool's name belongs. */
const toolClasses = new Set(['DynamicStructuredTool', 'DynamicTool', 'StructuredTool', 'Tool'])

/**
 * A tool of LangChain.js: its span has the name of a class, and its result the name of the tool. One whose result is a
 * command to go on elsewhere is a hand-off. So little is known at the start that no event tells it.
 */
function langChainTool(span: SpanRecord, options: DialectOptions): SpanFacts[] {
  const output = structured(span.attributes, 'traceloop.entity.output')
  const transfer = transferIn(output)
  if (transfer !== undefined) {
    const agent = transfer.source === undefined ? undefined : namedAgent(transfer.source)
    return [{ ...shared(span), ...handoff(span, transfer.target), ...(agent === undefined ? {} : { agent }) }]
  }
  const className = text(span.attributes, 'traceloop.entity.name')
  const message = toolMessage(output)
  const stated = text(span.attributes, 'gen_ai.tool.name') ?? message.name
  const name = stated ?? (className !== undefined && toolClasses.has(className) ? undefined : className)
  const { startedType, ...ended } = tool(span, { tool_name: name, tool_call_id: message.callId }, options)
  return [name === undefined || startedType === undefined ? ended : { ...ended, startedType }]
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
