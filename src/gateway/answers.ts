import type { AurenEvent } from '../events/event.ts'
import { toTimestamp } from '../events/timestamp.ts'
import type { ClientMessage, MessageFault } from '../protocol/client-messages.ts'
import type { ErrorMessage, ServerMessage } from '../protocol/server-messages.ts'
import { isSubscription, subscriptionNames } from '../protocol/subscriptions.ts'
import type { EventFilter } from './event-filter.ts'
import type { RecentQuery } from './recent-events.ts'

/** What is answered without asking who is asking anew. */
type Question = Exclude<ClientMessage, { type: 'refresh' }>

export interface AnswerContext {
  readonly dialect: 0 | 1
  readonly filter: EventFilter
  readonly recent: (query: RecentQuery) => Promise<{ readonly events: AurenEvent[]; readonly truncated: boolean }>
}

type Message<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>

/** What the gateway says to a client's message, after doing what it asks. */
export function answer(context: AnswerContext, message: Question): ServerMessage | Promise<ServerMessage> {
  switch (message.type) {
    case 'ping': {
      const time = context.dialect === 1 ? { server_time: toTimestamp(Date.now()) } : {}
      return { type: 'pong', ...time, ...echo(message) }
    }
    case 'filter_update':
      return filterUpdate(context.filter, message)
    case 'get_recent':
      return getRecent(context, message)
    case 'subscribe':
    case 'unsubscribe':
      return subscription(context.filter, message)
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

function filterUpdate(filter: EventFilter, message: Message<'filter_update'>): ServerMessage {
  filter.update(message.agent_filter, message.performance_threshold)
  return {
    type: 'filter_updated',
    agent_filter: [...filter.agents],
    performance_threshold: filter.threshold,
    ...echo(message),
  }
}

function subscription(filter: EventFilter, message: Message<'subscribe' | 'unsubscribe'>): ServerMessage {
  const name = message.subscription
  if (!isSubscription(name)) {
    const fault = { code: 'unknown_subscription', message: `it is one of ${subscriptionNames.join(', ')}` } as const
    return { ...errorMessage(fault), ...echo(message) }
  }
  if (message.type === 'subscribe') filter.subscribe(name)
  else filter.unsubscribe(name)
  const type = message.type === 'subscribe' ? 'subscription_confirmed' : 'unsubscription_confirmed'
  return { type, subscription: name, ...echo(message) }
}

async function getRecent({ filter, recent }: AnswerContext, message: Message<'get_recent'>): Promise<ServerMessage> {
  try {
    const { events, truncated } = await recent({
      limit: message.limit,
      types: message.event_types ?? [],
      knows: (type) => filter.knows(type),
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
