import Type from 'typebox'
import { maxCursorChars } from '../protocol/client-messages.ts'
import { RunStatus } from '../protocol/runs.ts'
import { subscriptionNames } from '../protocol/subscriptions.ts'

const ids = (description: string) =>
  Type.Optional(Type.Array(Type.String({ maxLength: 256 }), { maxItems: 64, description }))

/** What events have to be of. A parameter that takes several is given several times, and any of them will do. */
const selection = {
  agent: Type.Optional(
    Type.Array(Type.String({ maxLength: 128 }), { maxItems: 1_000, description: 'id of the source or target agent' }),
  ),
  type: ids('event types'),
  session: ids('session ids'),
  user: ids('user ids'),
  trace: ids('trace ids'),
}

/** Query of `GET /events`: what a first message would say. */
export const FeedQuery = Type.Object({
  ...selection,
  subscription: Type.Optional(Type.Array(Type.Enum([...subscriptionNames]), { maxItems: 64 })),
  performance_threshold: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1, description: 'confidence_score below which events are left out' }),
  ),
  last_event_id: Type.Optional(
    Type.String({
      maxLength: maxCursorChars,
      description: 'cursor behind which to begin; the header Last-Event-ID beats it',
    }),
  ),
})

/** Query of `GET /api/events`. */
export const EventsQuery = Type.Object({
  limit: Type.Optional(Type.String({ maxLength: 16, description: 'clamped to 1–1,000; 100 when it is no number' })),
  ...selection,
  after: Type.Optional(
    Type.String({
      maxLength: maxCursorChars,
      description: 'cursor behind which to begin, or `earliest`: oldest first, with `next`. Without it: newest first',
    }),
  ),
  before: Type.Optional(
    Type.String({ maxLength: maxCursorChars, description: 'cursor before which to begin: newest first' }),
  ),
})

/** Query of `GET /api/runs`. */
export const RunsQuery = Type.Object({
  limit: Type.Optional(Type.String({ maxLength: 16, description: 'clamped to 1–1,000; 100 when it is no number' })),
  status: Type.Optional(Type.Array(RunStatus, { maxItems: 8, description: 'any of these; without it all' })),
  before: Type.Optional(
    Type.String({ maxLength: maxCursorChars, description: '`before` of the answer whose next page is asked for' }),
  ),
})
