import type { Span } from '@opentelemetry/api'
import type { Instrumentation } from '@opentelemetry/instrumentation'
import { itemsAttribute } from '../translate/dialects/database.ts'

type ResponseHook = (span: Span, ...response: readonly unknown[]) => void
type ItemsOf = (...response: readonly unknown[]) => number | undefined

/** By instrumentation: how many things the response held that its `responseHook` is given. */
const counters: Readonly<Record<string, ItemsOf | undefined>> = {
  '@opentelemetry/instrumentation-ioredis': redisItems,
  '@opentelemetry/instrumentation-redis': redisItems,
  '@opentelemetry/instrumentation-pg': pgItems,
}

/**
 * Lets the instrumentation of a database client write on its spans how many things a read returned, which alone tells a hit
 * from a miss. Only the number is kept. A hook of the user's own goes on working.
 */
export function countItems(instrumentation: Instrumentation): void {
  const itemsOf = counters[instrumentation.instrumentationName]
  if (itemsOf === undefined) return
  const config = instrumentation.getConfig() as { readonly responseHook?: ResponseHook }
  const responseHook: ResponseHook = (span, ...response) => {
    note(span, itemsOf, response)
    config.responseHook?.(span, ...response)
  }
  instrumentation.setConfig({ ...config, responseHook } as ReturnType<Instrumentation['getConfig']>)
}

function note(span: Span, itemsOf: ItemsOf, response: readonly unknown[]): void {
  try {
    const items = itemsOf(...response)
    if (items !== undefined) span.setAttribute(itemsAttribute, items)
  } catch {
    // A response of a shape nobody knows is not the agent's problem.
  }
}

/** Replies that are null, one value, or a list whose elements may be null. */
const valueReads = new Set(
  (
    'get getex getdel hget hmget mget lindex lrange lpop rpop smembers srandmember spop sinter sunion sdiff hkeys hvals keys ' +
    'zscore zrange zrevrange zrangebyscore zrevrangebyscore zrangebylex xrange xrevrange json.get json.mget'
  ).split(' '),
)
/** Replies that are the number of things there. */
const numberReads = new Set(['exists', 'hexists', 'sismember'])

/** Arguments of the hooks of both clients: name of the command, its arguments, the reply as the server sent it or converted. */
function redisItems(name: unknown, args: unknown, reply: unknown): number | undefined {
  const command = String(name).toLowerCase()
  if (command === 'hgetall') return isEmptyHash(reply) ? 0 : 1
  if (numberReads.has(command)) return typeof reply === 'boolean' ? Number(reply) : asNumber(reply)
  if (!valueReads.has(command) || (command.startsWith('z') && withScores(args))) return undefined
  if (Array.isArray(reply)) return reply.filter((element) => element !== null && element !== undefined).length
  return reply === null || reply === undefined ? 0 : 1
}

function isEmptyHash(reply: unknown): boolean {
  if (reply instanceof Map) return reply.size === 0
  return reply === null || reply === undefined || Object.keys(reply).length === 0
}

/** Scores stand between the members in one client's reply and beside them in the other's. */
function withScores(args: unknown): boolean {
  return Array.isArray(args) && args.some((argument) => /^withscores$/i.test(String(argument)))
}

function asNumber(reply: unknown): number | undefined {
  return typeof reply === 'number' ? reply : undefined
}

/** Argument of pg's hook: the result of one query, or a list of them where the text held several. */
function pgItems(response: unknown): number | undefined {
  const { data } = response as { readonly data?: { readonly command?: string; readonly rows?: readonly unknown[] } }
  return data?.command === 'SELECT' ? data.rows?.length : undefined
}
