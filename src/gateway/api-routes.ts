import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { AurenError } from '../errors.ts'
import { closings } from '../protocol/close-codes.ts'
import { EventsQuery, FeedQuery, RunsQuery } from './api-schemas.ts'
import { requirePrincipal } from './auth/bearer.ts'
import { viewOf } from './delivery/view.ts'
import { EventFilter } from './event-filter.ts'
import { EventSourceConnection } from './event-source.ts'
import type { Hub } from './hub.ts'
import { openApi } from './openapi.ts'
import type { Principal } from './principal.ts'
import { clampLimit } from './recent-events.ts'
import { formatPlace, parsePlace } from './runs/run-place.ts'

/** Seconds after which a client may try again that found no room. */
const retryAfter = '5'

/** The feed, recent events, runs and the summary over HTTP, to bearers of a token and by the same rule as everywhere. */
export function registerApi(app: FastifyInstance, hub: Hub): void {
  addFeed(app, hub)
  addEvents(app, hub)
  addRuns(app, hub)
  const contract = openApi()
  app.get('/openapi.json', () => contract)
}

function addFeed(app: FastifyInstance, hub: Hub): void {
  app.get<{ Querystring: Static<typeof FeedQuery> }>(
    '/events',
    { schema: { querystring: FeedQuery }, errorHandler: answerFault },
    async (request, reply) => {
      const principal = await requirePrincipal(request, reply, hub)
      if (principal === undefined) return reply
      const filter = filterOf(principal, request.query)
      const connection = new EventSourceConnection(reply.raw, { principal, filter }, hub)
      if (!hub.connections.add(connection) || !hub.admit(connection, principal)) {
        hub.ended(connection, closings.capacity)
        return reply.code(503).header('retry-after', retryAfter).send({ message: closings.capacity.reason })
      }
      reply.hijack()
      connection.start(lastEventId(request))
      return reply
    },
  )
}

function addEvents(app: FastifyInstance, hub: Hub): void {
  app.get<{ Querystring: Static<typeof EventsQuery> }>(
    '/api/events',
    { schema: { querystring: EventsQuery }, errorHandler: answerFault },
    async (request, reply) => {
      const principal = await requirePrincipal(request, reply, hub)
      if (principal === undefined) return reply
      const { limit: asked, after, before } = request.query
      const view = viewOf(principal, filterOf(principal, request.query))
      const limit = clampLimit(Number(asked ?? 100))
      if (after !== undefined) {
        if (before !== undefined) throw new AurenError('AUREN_OPTIONS_INVALID', { detail: 'after or before, not both' })
        const answer = await hub.history.after(after, { limit, view })
        return { ...answer, count: answer.events.length }
      }
      // Taken first: what comes meanwhile is then given again rather than never.
      const next = before === undefined ? hub.source.start()?.cursor : undefined
      const { truncated, ...answer } = await hub.history.recent({ limit, view }, before)
      return { ...answer, count: answer.events.length, ...(next && { next }), ...(truncated ? { truncated } : {}) }
    },
  )

  app.get<{ Params: { event_id: string } }>(
    '/api/events/:event_id',
    { errorHandler: answerFault },
    async (request, reply) => {
      const principal = await requirePrincipal(request, reply, hub)
      if (principal === undefined) return reply
      const event = await hub.history.event(principal, request.params.event_id)
      return event ?? reply.code(404).send({ message: 'The newest events have none with this id that you may see.' })
    },
  )
}

function addRuns(app: FastifyInstance, hub: Hub): void {
  app.get<{ Querystring: Static<typeof RunsQuery> }>(
    '/api/runs',
    { schema: { querystring: RunsQuery }, errorHandler: answerFault },
    async (request, reply) => {
      const principal = await requirePrincipal(request, reply, hub)
      if (principal === undefined) return reply
      const { limit: asked, status: statuses = [], before } = request.query
      const limit = clampLimit(Number(asked ?? 100))
      const place = before === undefined ? undefined : parsePlace(before)
      // One more tells whether there are more.
      const found = hub.runs.book.list(principal, { limit: limit + 1, statuses, before: place })
      const runs = found.slice(0, limit)
      const last = found.length > limit ? runs.at(-1) : undefined
      return { runs, count: runs.length, ...(last && { before: formatPlace(last) }) }
    },
  )

  app.get<{ Params: { trace_id: string } }>('/api/runs/:trace_id', async (request, reply) => {
    const principal = await requirePrincipal(request, reply, hub)
    if (principal === undefined) return reply
    const run = hub.runs.book.find(principal, request.params.trace_id)
    return run ?? reply.code(404).send({ message: 'No run with this trace id that you may see is kept here.' })
  })

  app.get('/api/summary', async (request, reply) => {
    const principal = await requirePrincipal(request, reply, hub)
    return principal === undefined ? reply : hub.summary(principal, 0).data
  })
}

/** Everything the query says about events; without a word about subscriptions all of them. */
function filterOf({ userId }: Principal, query: Static<typeof FeedQuery>): EventFilter {
  const { subscription: subscriptions, agent, performance_threshold: threshold, ...only } = query
  const filter = new EventFilter({ userId, dialect: 1, only, ...(subscriptions && { subscriptions }) })
  return filter.update(agent, threshold)
}

function answerFault(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const fault = error.validation ? new AurenError('AUREN_OPTIONS_INVALID', { detail: error.message }) : error
  const isAsked = fault.code === 'AUREN_OPTIONS_INVALID' || fault.code === 'AUREN_POSITION_INVALID'
  if (!isAsked) reply.header('retry-after', retryAfter)
  void reply.code(isAsked ? 400 : 503).send({ code: fault.code, message: fault.message })
}

/** What a browser remembers by itself beats what stood in the address when it first connected. */
function lastEventId(request: FastifyRequest<{ Querystring: Static<typeof FeedQuery> }>): string | undefined {
  const header = request.headers['last-event-id']
  return (typeof header === 'string' && header) || request.query.last_event_id
}
