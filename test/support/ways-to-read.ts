import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { eventSource } from './event-source.ts'
import type { TestGateway } from './gateway.ts'
import { until } from './until.ts'
import { signIn } from './ws-client.ts'
import type { Message } from './ws-client.ts'

/** From here on tools are wanted, too, or are not. */
export const choice = (tools: boolean): Message => ({ type: 'choice', tools })
const answerTo = { subscribe: 'subscription_confirmed', unsubscribe: 'unsubscription_confirmed' } as const

/** How somebody reads the feed who was there before, or was not. */
export interface Connection {
  /** Events, gaps and choices in the order in which they came. */
  messages(): readonly Message[]
  /** The place to come back to. */
  cursor(): string | undefined
  close(): void
  /** Where that can be said without coming anew. */
  choose?(tools: boolean): Promise<void>
}

interface Visit {
  readonly gateway: TestGateway
  readonly token: string
  readonly cursor: string | undefined
  readonly tools: boolean
}

export type Way = (visit: Visit) => Promise<Connection>

const isTold = ({ type }: Message) => type === 'stream_event' || type === 'gap'

const byWebSocket: Way = async ({ gateway, token, cursor, tools }) => {
  const resume = cursor === undefined ? {} : { resume: { last_event_id: cursor } }
  const subscriptions = tools ? ['llm_usage', 'tool_usage'] : ['llm_usage']
  const client = await signIn(gateway.url, { token, protocol_version: 1, subscriptions, ...resume })
  const { position } = await client.next('connection_established')
  return {
    messages: () =>
      client.messages.flatMap((message) => {
        const isChoice = message.type === answerTo.subscribe || message.type === answerTo.unsubscribe
        if (isChoice) return [choice(message.type === answerTo.subscribe)]
        return isTold(message) ? [message] : []
      }),
    cursor: () => {
      const last = client.messages.findLast(isTold)
      return String(last?.['id'] ?? last?.['first_available'] ?? cursor ?? position)
    },
    close: () => client.socket.terminate(),
    choose: async (tools) => {
      const type = tools ? 'subscribe' : 'unsubscribe'
      const confirmed = client.messages.filter((message) => message.type === answerTo[type]).length
      client.send({ type, subscription: 'tool_usage' })
      await client.next(answerTo[type], confirmed)
    },
  }
}

const queryOf = (tools: boolean) => (tools ? 'type=llm_call&type=tool_usage' : 'type=llm_call')

/** As a browser's EventSource does, which knows of its place what `id` tells it. */
const byEventSource: Way = async ({ gateway, token, cursor, tools }) => {
  const source = await eventSource(`${gateway.url}/events?${queryOf(tools)}`, {
    authorization: `Bearer ${token}`,
    ...(cursor !== undefined && { 'last-event-id': cursor }),
  })
  if (cursor === undefined) await until('it has a place', () => source.lastEventId())
  return {
    messages: () => source.messages.filter(isTold),
    cursor: () => source.lastEventId() ?? cursor,
    close: () => source.close(),
  }
}

/** Page by page, again and again. */
const byPages: Way = async ({ gateway, token, cursor: start, tools }) => {
  const messages: Message[] = []
  const ask = async (after: string) => {
    const url = `${gateway.url}/api/events?${queryOf(tools)}&limit=5&after=${encodeURIComponent(after)}`
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
    return response.ok ? ((await response.json()) as { events: object[]; gap?: object; next: string }) : undefined
  }
  const first = await until('there is a place', () => start ?? whereNewsComes(gateway.url, token))
  const asking = new AbortController()
  let cursor = first
  const reading = (async () => {
    while (!asking.signal.aborted) {
      const answer = await ask(cursor)
      if (asking.signal.aborted) return
      if (answer?.gap) messages.push({ type: 'gap', ...answer.gap })
      for (const event of answer?.events ?? []) messages.push({ type: 'stream_event', event })
      cursor = answer?.next ?? cursor
      if (!answer?.events.length) await sleep(10)
    }
  })()
  onTestFinished(() => {
    asking.abort()
    return reading
  })
  return { messages: () => messages, cursor: () => cursor, close: () => asking.abort() }
}

async function whereNewsComes(url: string, token: string): Promise<string | undefined> {
  const response = await fetch(`${url}/api/events?limit=1`, { headers: { authorization: `Bearer ${token}` } })
  return ((await response.json()) as { next?: string }).next
}

export const ways = [byWebSocket, byEventSource, byPages]
