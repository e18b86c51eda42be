import { count, known, text } from '../attributes.ts'
import { outcome } from '../outcome.ts'
import type { Dialect } from '../span-facts.ts'
import type { SpanRecord } from '../span-record.ts'

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
  'begin commit rollback savepoint release set show drop create alter truncate start'.split(' '),
)

/**
 * Database and vector-store clients, in the old (`db.system`, `db.statement`) and the stable (`db.system.name`,
 * `db.query.text`) conventions, as memory accesses of the agent above them; without one they are no agent's memory. Whether
 * something was found is in no attribute of most clients: then it is left out.
 */
export const database: Dialect = (span, options) => {
  const system = text(span.attributes, 'db.system.name', 'db.system')
  if (system === undefined) return null
  const operation = operationOf(span)
  const isSql = !/^(redis|valkey|memcached)$/.test(system)
  if (operation === undefined || (isSql ? sqlHousekeeping : housekeeping).has(operation)) return []
  const { error_message, ...end } = outcome(span)
  const rows = count(span.attributes, 'db.response.returned_rows')
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
        collection: text(span.attributes, 'db.collection.name', 'db.sql.table'),
        cache_hit: rows === undefined ? undefined : rows > 0,
        items_retrieved: rows,
        ...end,
        ...(options.captureContent
          ? { query: text(span.attributes, 'db.query.text', 'db.statement'), error_message }
          : {}),
      }),
    },
  ]
}

/** The verb: `PIPELINE get` and `MULTI get` are a get; older instrumentations have it in the statement only. */
function operationOf(span: SpanRecord): string | undefined {
  const named = text(span.attributes, 'db.operation.name', 'db.operation')?.split(' ').at(-1)
  const verb = named ?? text(span.attributes, 'db.query.text', 'db.statement')?.trim().split(/\s+/)[0]
  return verb === undefined || !/^[a-z_]+$/i.test(verb) ? undefined : verb.toLowerCase()
}
