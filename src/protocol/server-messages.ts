import Type from 'typebox'
import type { Static, TSchema } from 'typebox'
import type { AurenEvent } from '../events/event.ts'
import { StoredEvent } from '../events/event-schema.ts'
import { RunUpdate, Snapshot } from './runs.ts'
import { PerformanceSummary } from './summary.ts'
import { subscriptionNames } from './subscriptions.ts'

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Time = Type.String({ description: 'ISO 8601, milliseconds, +00:00' })
const Count = Type.Integer({ minimum: 0 })
const Cursor = Type.String({ description: 'a place in the stream: opaque, the same on every gateway' })
const Subscription = Type.Enum([...subscriptionNames])
const answer = { request_id: Type.Optional(Type.String({ maxLength: 64, description: 'that of the question' })) }

/** What the stream holds; events of a type that this version does not know pass too. */
const Event = Type.Unsafe<AurenEvent>({ ...StoredEvent, $id: 'AurenEvent' })

/** Limits that hold for a connection, told when it is established. */
export const Limits = Type.Object({
  max_connections: Count,
  max_connections_per_user: Count,
  messages_per_minute: Count,
  max_message_bytes: Count,
  max_events_per_minute: Nullable(Type.Number({ description: 'events sent to this connection; null: no limit' })),
})
export type Limits = Static<typeof Limits>

export const ConnectionEstablished = Type.Object({
  type: Type.Literal('connection_established'),
  connection_id: Type.String(),
  server_time: Time,
  available_subscriptions: Type.Array(Subscription),
  agent_filter: Type.Array(Type.String()),
  performance_threshold: Type.Number({ minimum: 0, maximum: 1 }),
  protocol_version: Type.Enum([0, 1]),
  subscriptions: Type.Array(Subscription),
  user_id: Type.String(),
  tenant_id: Nullable(Type.String()),
  heartbeat_interval_ms: Count,
  limits: Limits,
  position: Nullable(Type.String({ description: 'cursor of the newest event; null before the stream could be read' })),
  retention: Nullable(
    Type.Object({
      first: Type.String({ description: 'cursor before the oldest event: resuming there gives all that is left' }),
      max_events: Nullable(Type.Number({ description: 'events kept; null: their age decides, or the broker' })),
    }),
  ),
  ordering: Type.Enum(['total', 'partition']),
})
export type ConnectionEstablished = Static<typeof ConnectionEstablished>

export const StreamEvent = Type.Object({
  type: Type.Literal('stream_event'),
  id: Cursor,
  skipped: Type.Optional(
    Type.Integer({ minimum: 1, description: 'v0: events left out before this one because of the budget' }),
  ),
  event: Event,
})
export type StreamEvent = Static<typeof StreamEvent>

export const RecentEvents = Type.Object({
  type: Type.Literal('recent_events'),
  events: Type.Array(Event, { description: 'newest first' }),
  count: Count,
  truncated: Type.Optional(
    Type.Literal(true, { description: 'the search ended before it found as many as were asked for' }),
  ),
  ...answer,
})
export type RecentEvents = Static<typeof RecentEvents>

/** What became of `resume` (v1). `ok` false: events may be missing, and a `gap` says so. */
export const ResumeResult = Type.Object({
  type: Type.Literal('resume_result'),
  ok: Type.Boolean(),
  from: Nullable(Type.String({ description: 'cursor after which events follow' })),
  mode: Type.Enum(['replay', 'live']),
  reason: Type.Optional(Type.Enum(['invalid_cursor', 'trimmed', 'epoch_changed', 'future_cursor'])),
})
export type ResumeResult = Static<typeof ResumeResult>

/** Events that this connection should have seen and did not, told before the first event behind the hole (v1). */
export const Gap = Type.Object({
  type: Type.Literal('gap'),
  reason: Type.Enum(['trimmed', 'epoch_changed', 'future_cursor', 'invalid_cursor', 'rate_limit'], {
    description:
      'rate_limit: left out because of the token’s budget; invalid_cursor: the question was not understood; otherwise the stream has lost them',
  }),
  missed: Nullable(Type.Integer({ minimum: 0, description: 'entries, of whomever; null where nobody can know' })),
  requested: Type.Optional(Type.String({ description: 'cursor behind which events are missing' })),
  first_available: Type.Optional(Type.String({ description: 'cursor after which events follow' })),
})
export type Gap = Static<typeof Gap>

/** The replay is over: what follows happens now (v1). */
export const CaughtUp = Type.Object({ type: Type.Literal('caught_up'), id: Cursor })
export type CaughtUp = Static<typeof CaughtUp>

/** The token runs out soon: `refresh` with a new one keeps the connection (v1). */
export const TokenExpiring = Type.Object({ type: Type.Literal('token_expiring'), expires_at: Time })
export type TokenExpiring = Static<typeof TokenExpiring>

export const Refreshed = Type.Object({ type: Type.Literal('refreshed'), expires_at: Nullable(Time), ...answer })
export type Refreshed = Static<typeof Refreshed>

/** The gateway goes away: connect again, here or elsewhere, after a random part of this time (v1). */
export const ServerDraining = Type.Object({ type: Type.Literal('server_draining'), reconnect_within_ms: Count })
export type ServerDraining = Static<typeof ServerDraining>

export const ErrorMessage = Type.Object({
  type: Type.Literal('error'),
  code: Type.Enum([
    'invalid_message',
    'unknown_type',
    'unknown_subscription',
    'rate_limited',
    'slow_consumer',
    'unavailable',
  ]),
  message: Type.String(),
  retryable: Type.Boolean(),
  fatal: Type.Boolean({ description: 'the connection is closed after this' }),
  last_id: Type.Optional(Type.String({ description: 'slow_consumer: cursor to resume from' })),
  lag: Type.Optional(Type.Integer({ minimum: 0, description: 'slow_consumer: events that waited' })),
  ...answer,
})
export type ErrorMessage = Static<typeof ErrorMessage>

/** Everything a gateway says, by type. The schemas are the contract: /asyncapi.json is made of them. */
export const serverMessages = {
  connection_established: ConnectionEstablished,
  stream_event: StreamEvent,
  recent_events: RecentEvents,
  subscription_confirmed: Type.Object({
    type: Type.Literal('subscription_confirmed'),
    subscription: Subscription,
    ...answer,
  }),
  unsubscription_confirmed: Type.Object({
    type: Type.Literal('unsubscription_confirmed'),
    subscription: Subscription,
    ...answer,
  }),
  filter_updated: Type.Object({
    type: Type.Literal('filter_updated'),
    agent_filter: Type.Array(Type.String()),
    performance_threshold: Type.Number({ minimum: 0, maximum: 1 }),
    ...answer,
  }),
  pong: Type.Object({
    type: Type.Literal('pong'),
    server_time: Type.Optional(Time),
    last_id: Type.Optional(Type.String({ description: 'v1: cursor of the newest event that was looked at for you' })),
    lag: Type.Optional(Type.Integer({ minimum: 0, description: 'v1: events that were not looked at for you yet' })),
    ...answer,
  }),
  performance_summary: PerformanceSummary,
  snapshot: Snapshot,
  run_update: RunUpdate,
  resume_result: ResumeResult,
  gap: Gap,
  caught_up: CaughtUp,
  token_expiring: TokenExpiring,
  refreshed: Refreshed,
  server_draining: ServerDraining,
  error: ErrorMessage,
}

export type ServerMessageType = keyof typeof serverMessages
export type ServerMessage = { [K in ServerMessageType]: Static<(typeof serverMessages)[K]> }[ServerMessageType]
