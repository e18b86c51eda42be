import { structured, text, texts } from '../attributes.ts'
import { outcome } from '../outcome.ts'
import type { Dialect, SpanFacts } from '../span-facts.ts'
import type { SpanRecord } from '../span-record.ts'
import { genAi } from './gen-ai.ts'

/**
 * Mastra's exporter and bridge (`mastra.span.type`, @mastra/otel-exporter 1.x): the GenAI conventions, with steps, chunks and
 * processors between them that are no events, and an agent's memory as spans of its own.
 */
export const mastra: Dialect = (span, options) => {
  const type = text(span.attributes, 'mastra.span.type')
  if (type === undefined) return null
  const read = type === 'memory_operation' ? [memoryAccess(span)] : (genAi(span, options) ?? [])
  const userId = text(span.attributes, 'mastra.metadata.userId', 'mastra.metadata.resourceId')
  return read.map((facts) => ({
    ...facts,
    dialect: 'mastra',
    platform: 'mastra',
    userId,
    payload: { ...facts.payload, ...(facts.finishedType === 'llm_call' ? callFacts(span) : {}), ...failure(span) },
  }))
}

/** The first token is told as a point in time, in whole milliseconds; a run's later calls repeat that of its first. */
function callFacts(span: SpanRecord): Record<string, unknown> {
  const waited = Math.round(Date.parse(text(span.attributes, 'mastra.completion_start_time') ?? '') - span.startMs)
  return waited >= 0 ? { time_to_first_token_ms: waited } : {}
}

/** A refused call has status OK and only its finish reason tells; `unknown` is Mastra's error type for any foreign error. */
function failure(span: SpanRecord): Record<string, unknown> {
  const refused = texts(span.attributes, 'gen_ai.response.finish_reasons')?.includes('error') === true
  const type = text(span.attributes, 'error.type')
  if (type === undefined ? !refused : type !== 'unknown') return {}
  return { success: false, error_type: '_OTHER' }
}

/** Which store is behind the memory, and whether it held something, is in no attribute. */
function memoryAccess(span: SpanRecord): SpanFacts {
  const { error_message: _, ...end } = outcome(span)
  const operation = memoryOperation(span)
  return {
    dialect: 'mastra',
    platform: 'mastra',
    finishedType: 'memory_tier_access',
    timed: true,
    payload: { tier_accessed: 'mastra', ...(operation === undefined ? {} : { operation }), ...end },
  }
}

/** The exporter leaves the operation out; what the span was given tells it: a turn's result is to save, a prompt to recall for. */
function memoryOperation(span: SpanRecord): 'save' | 'recall' | undefined {
  const given = structured(span.attributes, 'mastra.memory_operation.input')
  if (typeof given !== 'object' || given === null) return undefined
  if ('result' in given) return 'save'
  return 'systemMessages' in given || 'vectorSearchString' in given ? 'recall' : undefined
}
