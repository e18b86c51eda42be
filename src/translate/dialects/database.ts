import { count, known, text } from '../attributes.ts'
import { outcome } from '../outcome.ts'
import type { Dialect } from '../span-facts.ts'
import type { SpanRecord } from '../span-record.ts'

/** How many things a read returned, 0 for a miss: set by our hooks in the clients of Redis and PostgreSQL. */
export const itemsAttribute = 'auren.memory.items'

/** Names of systems as instrumentations write them → as tiers are called. */
const tiers: Readonly<Record<string, string>> = { chroma: 'chromadb', postgres: 'postgresql', valkey: 'redis' }

/** Commands that keep a connection or a schema going and say nothing of memory; for Redis, SELECT is one of them. */
const housekeeping = new Set(
  (
    'connect select client info quit auth hello ping echo flushdb flushall multi exec discard watch unwatch config command ' +
    'script subscribe psubscribe unsubscribe publish cluster readonly wait role monitor'
  ).split(' '),
)
const sqlHousekeeping = new Set(
  'connect begin commit rollback savepoint release set show drop create alter truncate start'.split(' '),
)
/** What they return, if anything, is how much they changed. */
const writes = new Set('insert update delete upsert merge replace add modify'.split(' '))

/**
 * Database and vector-store clients, in the old (`db.system`, `db.statement`) and the stable (`db.system.name`,
 * `db.query.text`) conventions, and OpenLLMetry's for Chroma, Qdrant and Pinecone (`db.vector.*`), as memory accesses of the
 * agent above them; without one they are no agent's memory. Where nothing says whether something was found, it is left out.
 */
export const database: Dialect = (span, options) => {
  const system = text(span.attributes, 'db.system.name', 'db.system')?.toLowerCase()
  if (system === undefined) return null
  const operation = operationOf(span)
  const isSql = !/^(redis|valkey|memcached)$/.test(system)
  if (operation === undefined || (isSql ? sqlHousekeeping : housekeeping).has(operation)) return []
  const { error_message, ...end } = outcome(span)
  const items = writes.has(operation) ? undefined : itemsIn(span)
  return [
    {
      dialect: 'database',
      platform: system,
      finishedType: 'memory_tier_access',
      needsAgent: true,
      timed: true,
      payload: known({
        tier_accessed: tiers[system] ?? system,
        operation,
        collection: collectionOf(span),
        cache_hit: items === undefined ? undefined : items > 0,
        items_retrieved: items,
        ...end,
        ...(options.captureContent
          ? { query: text(span.attributes, 'db.query.text', 'db.statement'), error_message }
          : {}),
      }),
    },
  ]
}

/**
 * The verb: `PIPELINE get` and `MULTI get` are a get. In the statement only it is with older instrumentations, and where
 * node-redis says `MULTI` of different commands; OpenLLMetry's is in the name of the span (`qdrant.search`). One that begins
 * with `_` is the inside of another.
 */
function operationOf(span: SpanRecord): string | undefined {
  const named = text(span.attributes, 'db.operation.name', 'db.operation')?.replace(/^(?:MULTI|PIPELINE)(?: |$)/, '')
  const stated = named || text(span.attributes, 'db.query.text', 'db.statement')?.trim().split(/\s+/)[0]
  const verb = stated ?? /^\w+\.(\w+)$/.exec(span.name)?.[1]
  return verb === undefined || !/^[a-z][a-z_.]*$/i.test(verb) ? undefined : verb.toLowerCase()
}

function collectionOf(span: SpanRecord): string | undefined {
  // OpenLLMetry for Python: `qdrant.upsert.collection_name`; all ways to query say `search`.
  const own = `${span.name}.collection_name`
  const stated = text(span.attributes, 'db.collection.name', 'db.sql.table', 'db.vector.table_name')
  return stated ?? text(span.attributes, own, 'qdrant.search.collection_name')
}

/** OpenLLMetry for Chroma adds an event for each result of a query; that there is none may also mean that they were dropped. */
function itemsIn(span: SpanRecord): number | undefined {
  const stated = count(
    span.attributes,
    itemsAttribute,
    'db.response.returned_rows',
    'db.vector.query.result.matches_length',
    'db.vector.query.result_count',
  )
  if (stated !== undefined) return stated
  const results = span.events.filter(({ name }) => name === 'db.query.result').length
  return results > 0 ? results : undefined
}
