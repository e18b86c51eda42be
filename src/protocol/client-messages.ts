import Type from 'typebox'
import type { Static } from 'typebox'
import { Compile } from 'typebox/compile'

/** Characters of a cursor, which has a place for each part of the stream. */
export const maxCursorChars = 1_024

/** Agent ids of one filter. */
const AgentFilter = Type.Array(Type.String({ maxLength: 128 }), { maxItems: 1_000 })
const Threshold = Type.Number({
  minimum: 0,
  maximum: 1,
  description: 'confidence_score below which events are left out',
})
const RequestId = Type.Optional(Type.String({ maxLength: 64, description: 'echoed in the answer' }))

const Token = Type.String({ maxLength: 8_192 })

/** The first message of a connection; it alone has no `type`. Unknown fields are ignored, here and everywhere. */
export const Hello = Type.Object({
  token: Token,
  agent_filter: Type.Optional(AgentFilter),
  performance_threshold: Type.Optional(Threshold),
  subscriptions: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64 })),
  protocol_version: Type.Optional(
    Type.Integer({ minimum: 0, description: '1, as the subprotocol auren.v1; otherwise the predecessor’s dialect' }),
  ),
  resume: Type.Optional(
    Type.Object({
      last_event_id: Type.String({
        maxLength: maxCursorChars,
        description: 'id of the last event that was processed (v1)',
      }),
    }),
  ),
  client: Type.Optional(
    Type.Object({ name: Type.String({ maxLength: 64 }), version: Type.Optional(Type.String({ maxLength: 64 })) }),
  ),
})
export type Hello = Static<typeof Hello>

const subscription = Type.String({ maxLength: 64 })

/** What a client may say after it was let in. */
export const clientMessages = {
  subscribe: Type.Object({ type: Type.Literal('subscribe'), subscription, request_id: RequestId }),
  unsubscribe: Type.Object({ type: Type.Literal('unsubscribe'), subscription, request_id: RequestId }),
  filter_update: Type.Object({
    type: Type.Literal('filter_update'),
    agent_filter: Type.Optional(AgentFilter),
    performance_threshold: Type.Optional(Threshold),
    request_id: RequestId,
  }),
  get_recent: Type.Object({
    type: Type.Literal('get_recent'),
    limit: Type.Optional(Type.Unknown({ description: 'clamped to 1–1,000; 100 when it is no number' })),
    event_types: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64 })),
    request_id: RequestId,
  }),
  ping: Type.Object({ type: Type.Literal('ping'), request_id: RequestId }),
  refresh: Type.Object({ type: Type.Literal('refresh'), token: Token, request_id: RequestId }),
}

export type ClientMessageType = keyof typeof clientMessages
export type ClientMessage = { [K in ClientMessageType]: Static<(typeof clientMessages)[K]> }[ClientMessageType]

export interface MessageFault {
  readonly code: 'invalid_message' | 'unknown_type'
  /** What is wrong, without repeating what was sent. */
  readonly message: string
  readonly requestId?: string
}

export type Parsed<T> =
  { readonly ok: true; readonly message: T } | { readonly ok: false; readonly fault: MessageFault }

export interface ParsedHello {
  readonly ok: true
  readonly message: Hello
  /** Fields that were left out because they were malformed. */
  readonly ignored?: readonly string[]
}

const hello = Compile(Hello)
const checks = Object.fromEntries(
  Object.entries(clientMessages).map(([type, schema]) => [type, Compile(schema as typeof clientMessages.ping)]),
) as unknown as Readonly<Record<ClientMessageType, ReturnType<typeof Compile<typeof clientMessages.ping>>>>

/**
 * Text of the first frame → hello. A token of the right shape is what counts: a filter or a list that is malformed is left
 * out, so that a mistake there does not look like a refused token.
 */
export function parseHello(frame: string): ParsedHello | { readonly ok: false; readonly fault: MessageFault } {
  const value = parseObject(frame)
  if (value === undefined) return invalid('not a JSON object')
  if (hello.Check(value)) return { ok: true, message: value }
  const bad = new Set([...hello.Errors(value)].map(({ instancePath }) => instancePath.split('/')[1] ?? ''))
  if (bad.has('token') || bad.has('') || typeof value['token'] !== 'string') return invalid('no token')
  const kept = Object.fromEntries(Object.entries(value).filter(([key]) => !bad.has(key)))
  return { ok: true, message: kept as Hello, ignored: [...bad] }
}

/** Text of a later frame → message. */
export function parseClientMessage(frame: string): Parsed<ClientMessage> {
  const value = parseObject(frame)
  if (value === undefined) return invalid('not a JSON object')
  const requestId = requestIdOf(value)
  const type = value['type']
  if (typeof type !== 'string' || !Object.hasOwn(checks, type)) {
    return { ok: false, fault: { code: 'unknown_type', message: 'type is not known', ...requestId } }
  }
  const check = checks[type as ClientMessageType]
  if (check.Check(value)) return { ok: true, message: value as ClientMessage }
  const [first] = check.Errors(value)
  const path = first?.instancePath.slice(1).replaceAll('/', '.')
  const message = path ? `${path} ${first?.message ?? 'is invalid'}` : (first?.message ?? 'is invalid')
  return { ok: false, fault: { code: 'invalid_message', message, ...requestId } }
}

function requestIdOf(value: Record<string, unknown>): { requestId?: string } {
  const id = value['request_id']
  return typeof id === 'string' && id.length <= 64 ? { requestId: id } : {}
}

function parseObject(frame: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(frame)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function invalid(message: string): { ok: false; fault: MessageFault } {
  return { ok: false, fault: { code: 'invalid_message', message } }
}
