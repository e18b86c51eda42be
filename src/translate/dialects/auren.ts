import { eventTypes } from '../../events/event-types.ts'
import type { AurenEventType } from '../../events/event-types.ts'
import type { AgentRef } from '../../events/event.ts'
import { flag, known, structured, text } from '../attributes.ts'
import { outcome } from '../outcome.ts'
import type { Dialect } from '../span-facts.ts'

/** Attributes of our own agent API. Agents, model calls and tools use GenAI names; these are for the rest. */
export const aurenAttributes = {
  eventType: 'auren.event.type',
  /** JSON object: the payload of the event. */
  payload: 'auren.event.payload',
  /** JSON object `{id, role}`: the agent the event is directed at. */
  target: 'auren.event.target',
  /** true: the span covers work, so that its duration is a latency. */
  timed: 'auren.event.timed',
} as const

const publishable: ReadonlySet<string> = new Set(eventTypes)

/** Payload keys that hold what people or models said; they are dropped unless content is captured. */
const contentKeys = ['query', 'message', 'response_preview', 'prompt', 'completion', 'arguments', 'result']

/** Spans of the agent API that state an event themselves: memory, knowledge, decisions, hypotheses and so on. */
export const auren: Dialect = (span, options) => {
  const type = text(span.attributes, aurenAttributes.eventType)
  if (type === undefined) return null
  const payload = structured(span.attributes, aurenAttributes.payload)
  if (!publishable.has(type) || !isObject(payload)) return []
  const timed = flag(span.attributes, aurenAttributes.timed) ?? false
  const { error_message, ...end } = outcome(span)
  const confidence = payload['confidence']
  const facts = { ...payload, ...(timed ? end : {}), ...(options.captureContent ? known({ error_message }) : {}) }
  return [
    {
      dialect: 'auren',
      platform: 'auren',
      finishedType: type as AurenEventType,
      target: agentRef(structured(span.attributes, aurenAttributes.target)),
      timed,
      confidence: typeof confidence === 'number' ? confidence : undefined,
      payload: options.captureContent ? facts : withoutContent(facts),
    },
  ]
}

function withoutContent(payload: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(payload).filter(([key]) => !contentKeys.includes(key)))
}

function agentRef(value: unknown): AgentRef | undefined {
  if (!isObject(value) || typeof value['id'] !== 'string') return undefined
  return { id: value['id'], role: typeof value['role'] === 'string' ? value['role'] : value['id'] }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
