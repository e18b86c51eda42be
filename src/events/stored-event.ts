import type { AurenEvent } from './event.ts'

/** A malformed entry is an answer, not an exception: one bad entry must never stop a reader. */
export type DecodedEntry =
  { readonly ok: true; readonly event: AurenEvent } | { readonly ok: false; readonly reason: string }

interface Kind {
  readonly holds: (value: unknown) => boolean
  readonly name: string
}

const word: Kind = { holds: (value) => typeof value === 'string' && value !== '', name: 'a string' }
const id: Kind = { holds: (value) => value === null || typeof value === 'string', name: 'a string or null' }
const type: Kind = {
  holds: (value) => typeof value === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(value),
  name: 'an event type',
}
const object: Kind = { holds: isObject, name: 'an object' }
const agent: Kind = { holds: (value) => value === null || isObject(value), name: 'an object or null' }
const metrics: Kind = { holds: (value) => value === undefined || isObject(value), name: 'an object' }

/** What `StoredEvent` (event-schema.ts) says, without the library that agent processes would have to load for it. */
const kinds = Object.entries({
  event_id: word,
  trace_id: id,
  session_id: id,
  timestamp: word,
  event_type: type,
  source_agent: agent,
  target_agent: agent,
  payload: object,
  metadata: object,
  user_id: id,
  performance_metrics: metrics,
  span_id: id,
  parent_span_id: id,
  tenant_id: id,
} satisfies Record<keyof AurenEvent, Kind>)

/** Whether a value read from a stream is an event. The reason names the place, never the content. */
export function checkStored(value: unknown): DecodedEntry {
  if (!isObject(value)) return { ok: false, reason: '/ must be an object' }
  for (const [key, kind] of kinds)
    if (!kind.holds(value[key])) return { ok: false, reason: `/${key} must be ${kind.name}` }
  return { ok: true, event: value as AurenEvent }
}

/** JSON text of one event, as SQLite and Kafka keep it. */
export function fromEventJson(text: string): DecodedEntry {
  try {
    return checkStored(JSON.parse(text))
  } catch {
    return { ok: false, reason: 'the entry is not JSON' }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
