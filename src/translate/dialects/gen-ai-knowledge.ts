import { count, known, structured, text } from '../attributes.ts'
import { outcome } from '../outcome.ts'
import type { DialectOptions, SpanFacts } from '../span-facts.ts'
import type { SpanRecord } from '../span-record.ts'
import { shared } from './gen-ai-shared.ts'

/** A search in a data source. */
export function retrieval(span: SpanRecord, options: DialectOptions): SpanFacts {
  const a = span.attributes
  const documents = structured(a, 'gen_ai.retrieval.documents')
  const { error_message, ...end } = outcome(span)
  return {
    ...shared(span),
    finishedType: 'knowledge_access',
    timed: true,
    payload: known({
      knowledge_domain: text(a, 'gen_ai.data_source.id'),
      items_accessed: Array.isArray(documents) ? documents.length : undefined,
      items_retrieved: Array.isArray(documents) ? documents.length : undefined,
      ...end,
      query: options.captureContent ? text(a, 'gen_ai.retrieval.query.text') : undefined,
      error_message: options.captureContent ? error_message : undefined,
    }),
  }
}

/** Operations of the conventions on an agent's memory → what they do to a store. */
const memoryOperations: ReadonlyMap<string, string> = new Map([
  ['search_memory', 'search'],
  ['create_memory', 'create'],
  ['update_memory', 'update'],
  ['upsert_memory', 'upsert'],
  ['delete_memory', 'delete'],
  ['create_memory_store', 'create_store'],
  ['delete_memory_store', 'delete_store'],
])

export function isMemoryOperation(operation: string): boolean {
  return memoryOperations.has(operation)
}

/** The conventions count what a search has found; the store behind it is named by its provider or its id, if at all. */
export function memoryAccess(span: SpanRecord, operation: string, options: DialectOptions): SpanFacts {
  const a = span.attributes
  const found = operation === 'search_memory' ? count(a, 'gen_ai.memory.record.count') : undefined
  const { error_message, ...end } = outcome(span)
  const content = options.captureContent ? { query: text(a, 'gen_ai.memory.query.text'), error_message } : {}
  return {
    ...shared(span),
    finishedType: 'memory_tier_access',
    timed: true,
    payload: known({
      tier_accessed: text(a, 'gen_ai.provider.name', 'gen_ai.memory.store.id') ?? 'memory',
      operation: memoryOperations.get(operation),
      collection: text(a, 'gen_ai.memory.store.id'),
      cache_hit: found === undefined ? undefined : found > 0,
      items_retrieved: found,
      ...end,
      ...content,
    }),
  }
}
