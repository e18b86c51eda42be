import Type from 'typebox'
import type { TSchema } from 'typebox'
import { Run, RunTree } from '../protocol/runs.ts'
import { Gap } from '../protocol/server-messages.ts'
import { PerformanceSummary } from '../protocol/summary.ts'
import { EventsQuery, FeedQuery, RunsQuery } from './api-schemas.ts'

interface Route {
  readonly summary: string
  /** Default `get`. */
  readonly method?: 'post'
  readonly query?: TSchema
  readonly path?: TSchema
  /** Media type → schema of a good answer. */
  readonly answer?: Readonly<Record<string, TSchema>>
  readonly errors?: Readonly<Record<string, string>>
  /** No token is needed. */
  readonly open?: true
}

const json = (schema: TSchema) => ({ 'application/json': schema })
const text = { 'text/plain': Type.String() }
const refused = { '401': 'The token is missing or was refused' }

const Events = Type.Object({
  events: Type.Array(Type.Unknown({ description: 'an AUREN event, as in /asyncapi.json' })),
  count: Type.Integer(),
  next: Type.Optional(Type.String({ description: 'cursor for `after`: what comes behind these' })),
  more: Type.Optional(Type.Boolean({ description: 'with `after`: whether there is more to ask for now' })),
  before: Type.Optional(
    Type.String({ description: 'without `after`: cursor for `before`; left out when there are no older ones' }),
  ),
  truncated: Type.Optional(
    Type.Literal(true, { description: 'the search ended after 10,000 entries: go on at `before`' }),
  ),
  gap: Type.Optional(Gap),
})

const Runs = Type.Object({
  runs: Type.Array(Run),
  count: Type.Integer(),
  before: Type.Optional(Type.String({ description: 'for `before`: the page behind this one; left out at the end' })),
})

const routes: Readonly<Record<string, Route>> = {
  '/events': {
    summary:
      'The live feed as server-sent events: each is a message of version 1 as in /asyncapi.json, its id a cursor',
    query: FeedQuery,
    answer: { 'text/event-stream': Type.String() },
    errors: { ...refused, '503': 'No room; try again later' },
  },
  '/api/events': {
    summary: 'Events page by page: the newest first, or with `after` the oldest first',
    query: EventsQuery,
    answer: json(Events),
    errors: { '400': 'The cursor is not one of this stream', ...refused, '503': 'The stream cannot be read' },
  },
  '/api/events/{event_id}': {
    summary: 'One of the newest 10,000 events',
    path: Type.Object({ event_id: Type.String() }),
    answer: json(Type.Unknown({ description: 'an AUREN event, as in /asyncapi.json' })),
    errors: { ...refused, '404': 'They do not have it, or it may not be seen', '503': 'The stream cannot be read' },
  },
  '/api/runs': {
    summary: 'Runs that are open or ended in the last minutes, newest first',
    query: RunsQuery,
    answer: json(Runs),
    errors: { '400': 'There is no such status or place', ...refused },
  },
  '/api/runs/{trace_id}': {
    summary: 'One run with its steps, oldest first; `parent` makes the tree',
    path: Type.Object({ trace_id: Type.String() }),
    answer: json(RunTree),
    errors: { ...refused, '404': 'No such run is kept, or it may not be seen' },
  },
  '/api/summary': {
    summary: 'Figures of the last minutes, by agent',
    answer: json(Type.Index(PerformanceSummary, ['data'])),
    errors: refused,
  },
  '/api/demo': {
    summary: 'Whether the live page may offer a demo',
    answer: json(Type.Object({ available: Type.Boolean() })),
    errors: refused,
  },
  '/api/demo/start': {
    summary: 'A crew at work for a minute, on the stream of this gateway',
    method: 'post',
    errors: { ...refused, '202': 'It is started', '403': 'The token lacks `all`', '404': 'This gateway starts none' },
  },
  '/healthz': { summary: 'The process is alive', open: true },
  '/readyz': { summary: 'The tail has caught up', errors: { '503': 'It has not; the reason is said' }, open: true },
  '/metrics': { summary: 'Prometheus metrics', answer: text, open: true },
  '/sd/agents': {
    summary: 'Agent processes that live and can be scraped, for `http_sd_configs` of Prometheus',
    answer: json(
      Type.Array(
        Type.Object({ targets: Type.Array(Type.String()), labels: Type.Record(Type.String(), Type.String()) }),
      ),
    ),
    errors: { '503': 'The stream is not being read: what was known still holds' },
    open: true,
  },
  '/asyncapi.json': { summary: 'The WebSocket as AsyncAPI 3', open: true },
  '/openapi.json': { summary: 'This document', open: true },
  '/v1/traces': {
    method: 'post',
    summary: 'Spans by OTLP/HTTP, as protobuf or JSON, plain or gzip',
    errors: {
      '400': 'The spans cannot be decoded',
      ...refused,
      '403': 'The token lacks the permission `ingest`',
      '413': 'Above 4 MiB',
      '415': 'Another content type or encoding',
      '503': 'The stream cannot keep up; try again later',
    },
  },
}

/** The HTTP routes as an OpenAPI 3.1 document, made of the schemas that check the queries. */
export function openApi(): object {
  const paths = Object.fromEntries(
    Object.entries(routes).map(([path, route]) => [path, { [route.method ?? 'get']: operation(route) }]),
  )
  return {
    openapi: '3.1.0',
    info: { title: 'AUREN gateway', version: '1.0.0' },
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  }
}

function operation({ summary, query, path, answer, errors = {}, open }: Route): object {
  const good = answer && Object.fromEntries(Object.entries(answer).map(([type, schema]) => [type, { schema }]))
  const faults = Object.entries(errors).map(([status, description]) => [status, { description }] as const)
  return {
    summary,
    ...(query && { parameters: parameters('query', query) }),
    ...(path && { parameters: parameters('path', path) }),
    responses: { '200': { description: 'OK', ...(good && { content: good }) }, ...Object.fromEntries(faults) },
    ...(open ? {} : { security: [{ token: [] }] }),
  }
}

function parameters(where: 'query' | 'path', schema: TSchema): object[] {
  const { properties = {} } = schema as { readonly properties?: Readonly<Record<string, TSchema>> }
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: where,
    required: where === 'path',
    schema: one,
  }))
}
