import { known, structured, text } from '../attributes.ts'
import { outcome } from '../outcome.ts'
import type { DialectOptions, SpanFacts } from '../span-facts.ts'
import type { SpanRecord } from '../span-record.ts'
import { handoff, namedAgent, toolStep } from '../steps.ts'
import { runMetadata, toolMessage, transferIn } from './langchain.ts'
import type { Transfer } from './langchain.ts'
import { hidden, shared, shown } from './open-inference-shared.ts'

/** A tool. Hand-offs are of this kind too, in the OpenAI Agents SDK and in LangGraph. */
export function toolCall(span: SpanRecord, options: DialectOptions): SpanFacts[] {
  const a = span.attributes
  const passedOn = handoffOf(span)
  if (passedOn !== undefined) return [passedOn]
  const { error_message, ...end } = outcome(span)
  const content = options.captureContent
    ? { arguments: shown(a, 'input.value'), result: shown(a, 'output.value'), error_message }
    : {}
  const tool: SpanFacts = {
    ...shared(span),
    ...toolStep,
    payload: known({
      tool_name: text(a, 'tool.name') ?? span.name,
      tool_call_id: text(a, 'tool.id') ?? toolMessage(structured(a, 'output.value')).callId,
      ...end,
      ...content,
    }),
  }
  const transfer = transferIn(structured(a, 'output.value'))
  return transfer === undefined ? [tool] : [tool, passing(span, transfer)]
}

/** A tool span that is nothing but a hand-off, which its name tells before it has run. */
function handoffOf(span: SpanRecord): SpanFacts | undefined {
  const agentsSdk = /^handoff to (.+)$/.exec(span.name)?.[1]
  if (agentsSdk !== undefined) {
    const from = structured(span.attributes, 'input.value')
    const source = typeof from === 'object' && from !== null ? (from as { from_agent?: unknown }).from_agent : from
    const isName = typeof source === 'string' && source !== '' && source !== hidden
    return passing(span, { target: agentsSdk, source: isName ? source : undefined })
  }
  const langGraph = /^transfer_(?:back_)?to_(.+)$/.exec(text(span.attributes, 'tool.name') ?? span.name)?.[1]
  if (langGraph === undefined || !mayTransfer(span)) return undefined
  return passing(
    span,
    transferIn(structured(span.attributes, 'output.value')) ?? { target: langGraph, source: undefined },
  )
}

/** Whether a tool named like a hand-off may be one: in a graph, unless its result is there and is no command. */
function mayTransfer({ attributes }: SpanRecord): boolean {
  const output = text(attributes, 'output.value')
  const isOpen = output === undefined || output === hidden || output.includes('"lg_name":"Command"')
  return isOpen && text(runMetadata(attributes), 'langgraph_node') !== undefined
}

/** The agent above is the one that hands over, and named by its span; what the messages call it is second to that. */
function passing(span: SpanRecord, { target, source }: Transfer): SpanFacts {
  return {
    ...shared(span),
    ...handoff(span, target),
    agent: source === undefined ? undefined : namedAgent(source),
  }
}
