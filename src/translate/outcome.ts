import { text } from './attributes.ts'
import type { SpanRecord } from './span-record.ts'

export interface Outcome {
  readonly success: boolean
  readonly error_type?: string
  /** Error texts quote prompts and arguments: they are content, kept only when content is captured. */
  readonly error_message?: string
}

const success: Outcome = { success: true }

/** LangGraph passes control on, and waits for people, by throwing these. The names stand before a message or a stack. */
const controlFlow = /^\s*(?:[\w.]+\.)?(?:ParentCommand|GraphBubbleUp|GraphInterrupt|NodeInterrupt)\b/

/** How the span ended. Status OK and unset mean the same: which of them is set is a habit of the source. */
export function outcome(span: SpanRecord): Outcome {
  const stated = text(span.attributes, 'error.type')
  if (span.status !== 'error' && stated === undefined) return success
  const exception = span.events.findLast((event) => event.name === 'exception')
  const thrown = exception && text(exception.attributes, 'exception.type')
  const message = (exception && text(exception.attributes, 'exception.message')) ?? span.statusMessage
  if ([stated, thrown, message].some((cause) => cause !== undefined && controlFlow.test(cause))) return success
  return {
    success: false,
    error_type: errorName(stated ?? errorType(thrown, message)),
    ...(message === undefined ? {} : { error_message: message }),
  }
}

/**
 * The class of what was thrown. Where an instrumentation keeps only the text, it stands before the stack (LangChain) or in a
 * JSON value (Agents SDK); where the class says nothing, the HTTP status that a client library writes first says more.
 */
function errorType(thrown: string | undefined, message: string | undefined): string | undefined {
  const named = thrown ?? /(?:\n\n|"error":")([A-Z]\w*): /.exec(message ?? '')?.[1]
  return named === undefined || named === 'Error' ? (/^[45]\d\d(?= )/.exec(message ?? '')?.[0] ?? named) : named
}

/** `error.type` is an identifier; a sentence in its place is a message, which is content. `_OTHER` as the conventions have it. */
function errorName(type: string | undefined): string {
  return type !== undefined && /^\S{1,128}$/.test(type) ? type : '_OTHER'
}
