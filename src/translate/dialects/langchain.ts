import { structured, text } from '../attributes.ts'
import type { Attributes, SpanRecord } from '../span-record.ts'

/** What LangChain and LangGraph say inside JSON values, the same under every instrumentation. */
type Fields = Readonly<Record<string, unknown>>

/** The metadata of a LangChain run, which OpenInference keeps as JSON text. Empty on spans of other libraries. */
export function runMetadata(a: Attributes): Attributes {
  return fields(structured(a, 'metadata')) ?? {}
}

/** A graph that may be an agent, and what the tree must show for it. Graphs without a name of their own are none. */
export function agentGraph(span: SpanRecord): 'nested' | 'with_agent_node' | undefined {
  if (span.name === 'LangGraph' || span.name.startsWith('Runnable')) return undefined
  const node = text(runMetadata(span.attributes), 'langgraph_node')
  if (node === span.name) return 'nested'
  return node === undefined || node === 'tools' ? 'with_agent_node' : undefined
}

export interface Transfer {
  readonly target: string
  /** The agent whose model asked for it. */
  readonly source: string | undefined
}

/** A tool that returns a `Command` to go on at another agent: LangGraph's hand-off. */
export function transferIn(output: unknown): Transfer | undefined {
  const command = commandIn(output)
  if (command === undefined) return undefined
  const [target] = [command['goto']].flat().filter((node) => typeof node === 'string' && !node.startsWith('__'))
  if (typeof target !== 'string') return undefined
  const messages = fields(command['update'])?.['messages']
  const names = Array.isArray(messages)
    ? messages.map((message) => text(fields(fields(message)?.['kwargs']) ?? {}, 'name'))
    : []
  return { target, source: names.at(-2) }
}

/** The tool's own name and call id, from the message that LangChain makes of its result. */
export function toolMessage(output: unknown): {
  readonly name: string | undefined
  readonly callId: string | undefined
} {
  const message = fields(fields(unwrapped(output))?.['kwargs']) ?? {}
  return { name: text(message, 'name'), callId: text(message, 'tool_call_id') }
}

/** What a chat model answered with: its own name for itself, and the provider's id of the answer. */
export function chatAnswer(output: unknown): {
  readonly model: string | undefined
  readonly responseId: string | undefined
} {
  const [generation] = [fields(output)?.['generations']].flat(2)
  const message = fields(fields(fields(generation)?.['message'])?.['kwargs'])
  const id = text(message ?? {}, 'id')
  return {
    model: text(fields(message?.['response_metadata']) ?? {}, 'model_name', 'model'),
    // Where the provider gives none, LangChain writes the id of its own run.
    responseId: id === undefined || /^(?:lc_)?run-/.test(id) ? undefined : id,
  }
}

function commandIn(output: unknown): Fields | undefined {
  const command = fields(unwrapped(output))
  return command?.['lg_name'] === 'Command' ? command : undefined
}

/** OpenInference puts the result under `output`, OpenLLMetry does not. */
function unwrapped(output: unknown): unknown {
  return fields(output)?.['output'] ?? output
}

function fields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
}
