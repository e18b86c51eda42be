import { text } from './attributes.ts'
import type { SpanRecord } from './span-record.ts'

export interface Outcome {
  readonly success: boolean
  readonly error_type?: string
  /** Error texts quote prompts and arguments: they are content, kept only when content is captured. */
  readonly error_message?: string
}

/** How the span ended. Status OK and unset mean the same: which of them is set is a habit of the source. */
export function outcome(span: SpanRecord): Outcome {
  const exception = span.events.findLast((event) => event.name === 'exception')
  const stated = text(span.attributes, 'error.type')
  if (span.status !== 'error' && stated === undefined) return { success: true }
  const thrown = exception && text(exception.attributes, 'exception.type')
  const message = (exception && text(exception.attributes, 'exception.message')) ?? span.statusMessage
  return {
    success: false,
    error_type: stated ?? thrown ?? '_OTHER',
    ...(message === undefined ? {} : { error_message: message }),
  }
}
