import { toTimestamp } from '../events/timestamp.ts'
import type { ClientMessage, MessageFault } from '../protocol/client-messages.ts'
import type { ErrorMessage, ServerMessage } from '../protocol/server-messages.ts'
import { isSubscription, subscriptionNames } from '../protocol/subscriptions.ts'
import { viewOf } from './delivery/view.ts'
import type { History } from './history.ts'
import type { Viewer } from './viewer.ts'

/** What is answered without asking who is asking anew. */
type Question = Exclude<ClientMessage, { type: 'refresh' }>

export interface AnswerContext {
  readonly viewer: Viewer
  readonly history: History
}

type Message<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>

/** What the gateway says to a client's message, after doing what it asks. */
export function answer(context: AnswerContext, message: Question): ServerMessage | Promise<ServerMessage> {
  switch (message.type) {
    case 'ping':
      return pong(context.viewer, message)
    case 'filter_update':
      return filterUpdate(context.viewer, message)
    case 'get_recent':
      return getRecent(context, message)
    case 'subscribe':
    case 'unsubscribe':
      return subscription(context.viewer, message)
  }
}

/** The error message for a fault, with what makes it useful to a program. */
export function errorMessage(
  fault: Omit<MessageFault, 'code'> & { readonly code: ErrorMessage['code'] },
  consequence: { readonly retryable?: boolean; readonly fatal?: boolean } = {},
): ErrorMessage {
  const { retryable = false, fatal = false } = consequence
  const id = fault.requestId === undefined ? {} : { request_id: fault.requestId }
  return { type: 'error', code: fault.code, message: fault.message, retryable, fatal, ...id }
}

/** What a client is told that is let go because it takes nothing. */
export function slowConsumer({ stall, cursor }: Viewer): ErrorMessage {
  const fault = { code: 'slow_consumer', message: 'nothing of what waits was taken; resume from last_id' } as const
  const message = { ...errorMessage(fault, { fatal: true, retryable: true }), lag: stall.lag }
  return cursor === undefined ? message : { ...message, last_id: cursor }
}

/** The compatible dialect knows a bare pong only. What was left out is told first: who comes back to `last_id` is not told any more. */
function pong(viewer: Viewer, message: Message<'ping'>): ServerMessage {
  viewer.announceSkipped()
  const { sink, cursor, stall } = viewer
  if (sink.encoding.name === 'v0') return { type: 'pong', ...echo(message) }
  const place = cursor === undefined ? {} : { last_id: cursor }
  return { type: 'pong', server_time: toTimestamp(Date.now()), ...place, lag: stall.lag, ...echo(message) }
}

function filterUpdate(viewer: Viewer, message: Message<'filter_update'>): ServerMessage {
  const filter = viewer.filter.update(message.agent_filter, message.performance_threshold)
  viewer.choose(filter)
  return {
    type: 'filter_updated',
    agent_filter: [...filter.agents],
    performance_threshold: filter.threshold,
    ...echo(message),
  }
}

function subscription(viewer: Viewer, message: Message<'subscribe' | 'unsubscribe'>): ServerMessage {
  const name = message.subscription
  if (!isSubscription(name)) {
    const fault = { code: 'unknown_subscription', message: `it is one of ${subscriptionNames.join(', ')}` } as const
    return { ...errorMessage(fault), ...echo(message) }
  }
  const { filter } = viewer
  viewer.choose(message.type === 'subscribe' ? filter.subscribe(name) : filter.unsubscribe(name))
  const type = message.type === 'subscribe' ? 'subscription_confirmed' : 'unsubscription_confirmed'
  return { type, subscription: name, ...echo(message) }
}

async function getRecent({ viewer, history }: AnswerContext, message: Message<'get_recent'>): Promise<ServerMessage> {
  try {
    const { events, truncated } = await history.recent({
      limit: message.limit,
      view: viewOf(viewer.principal, viewer.filter.everything(message.event_types ?? [])),
    })
    return {
      type: 'recent_events',
      events,
      count: events.length,
      ...(truncated ? { truncated } : {}),
      ...echo(message),
    }
  } catch {
    const fault = { code: 'unavailable', message: 'the event stream cannot be read now' } as const
    return { ...errorMessage(fault, { retryable: true }), ...echo(message) }
  }
}

function echo({ request_id: id }: ClientMessage): { request_id?: string } {
  return id === undefined ? {} : { request_id: id }
}
