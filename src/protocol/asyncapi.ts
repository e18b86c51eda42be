import type { TSchema } from 'typebox'
import { clientMessages, Hello } from './client-messages.ts'
import { examples } from './examples.ts'
import { serverMessages } from './server-messages.ts'

/** What clients of the compatible dialect (v0) may be sent. */
const compatible: ReadonlySet<string> = new Set([
  'connection_established',
  'stream_event',
  'recent_events',
  'subscription_confirmed',
  'unsubscription_confirmed',
  'filter_updated',
  'pong',
  'performance_summary',
])

/** Questions and what answers them; every one of v1 can also be answered by `error`. */
const replies: Readonly<Record<string, string>> = {
  hello: 'connection_established',
  subscribe: 'subscription_confirmed',
  unsubscribe: 'unsubscription_confirmed',
  filter_update: 'filter_updated',
  get_recent: 'recent_events',
  ping: 'pong',
  refresh: 'refreshed',
}

/** The WebSocket as an AsyncAPI 3.1 document, made of the schemas that check every message. */
export function asyncApi(): object {
  const schemas: Record<string, unknown> = {}
  const received = { hello: Hello, ...clientMessages }
  const messages = Object.fromEntries(
    Object.entries({ ...received, ...serverMessages }).map(([name, schema]) => [name, message(name, schema, schemas)]),
  )
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'AUREN gateway',
      version: '1.0.0',
      description: 'The live feed of AUREN events. Unknown fields and unknown types of the gateway are to be ignored.',
    },
    defaultContentType: 'application/json',
    channels: {
      feed: {
        address: '/ws',
        description: 'The first message is `hello`. Version 1 is chosen in it, or by the subprotocol `auren.v1`.',
        messages: Object.fromEntries(
          Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
        ),
        bindings: { ws: { method: 'GET' } },
      },
    },
    operations: operations(Object.keys(received), Object.keys(serverMessages)),
    components: { messages, schemas },
  }
}

function message(name: string, schema: TSchema, schemas: Record<string, unknown>): object {
  const isServers = name in serverMessages
  return {
    name,
    'x-dialects': !isServers || compatible.has(name) ? ['v0', 'v1'] : ['v1'],
    payload: hoist(schema, schemas),
    examples: [{ payload: examples[name as keyof typeof examples] }],
  }
}

/** As AsyncAPI says it: the gateway receives what clients say, and sends what is no answer. */
function operations(received: readonly string[], sent: readonly string[]): object {
  const channel = { $ref: '#/channels/feed' }
  const on = (name: string) => ({ $ref: `#/channels/feed/messages/${name}` })
  const answers = new Set(Object.values(replies))
  const questions = received.map((name): [string, object] => [
    name,
    {
      action: 'receive',
      channel,
      messages: [on(name)],
      reply: { channel, messages: [on(replies[name] ?? 'error'), on('error')] },
    },
  ])
  const unasked = sent.filter((name) => !answers.has(name))
  return { ...Object.fromEntries(questions), feed: { action: 'send', channel, messages: unasked.map(on) } }
}

/** The schema with every part that has a name of its own replaced by a reference to it. */
function hoist(schema: unknown, named: Record<string, unknown>): unknown {
  if (Array.isArray(schema)) return schema.map((part: unknown) => hoist(part, named))
  if (typeof schema !== 'object' || schema === null) return schema
  const { $id: id, ...rest } = schema as Record<string, unknown>
  const parts: Record<string, unknown> = Object.fromEntries(
    Object.entries(rest).map(([key, part]) => [key, hoist(part, named)]),
  )
  if (typeof id !== 'string') return parts
  named[id] = parts
  return { $ref: `#/components/schemas/${id}` }
}
