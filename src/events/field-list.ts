import type { AgentRef, AurenEvent } from './event.ts'
import { checkStored } from './stored-event.ts'
import type { DecodedEntry } from './stored-event.ts'

/** Flat field names and values in turn, as XADD takes them and XREAD returns them. */
export type FieldList = readonly string[]

/** The fields of an event, in the order in which they are stored. */
export const fieldNames = [
  'event_id',
  'trace_id',
  'session_id',
  'timestamp',
  'event_type',
  'source_agent',
  'target_agent',
  'payload',
  'metadata',
  'user_id',
  'performance_metrics',
  'span_id',
  'parent_span_id',
  'tenant_id',
] as const satisfies readonly (keyof AurenEvent)[]

/** The values of {@link fieldNames}; undefined for the one field that may be left out. */
export function fieldValues(event: AurenEvent): readonly (string | undefined)[] {
  const { performance_metrics: metrics } = event
  return [
    event.event_id,
    event.trace_id ?? '',
    event.session_id ?? '',
    event.timestamp,
    event.event_type,
    agentText(event.source_agent),
    agentText(event.target_agent),
    JSON.stringify(event.payload),
    JSON.stringify(event.metadata),
    event.user_id ?? '',
    metrics && JSON.stringify(metrics),
    event.span_id ?? '',
    event.parent_span_id ?? '',
    event.tenant_id ?? '',
  ]
}

/**
 * Event → fields in the predecessor's layout (contract §2): ids as text, null ids as the empty string, objects as JSON,
 * null agents as `{}`, performance_metrics left out when absent.
 */
export function toFieldList(event: AurenEvent): string[] {
  const values = fieldValues(event)
  return fieldNames.flatMap((name, index) => {
    const value = values[index]
    return value === undefined ? [] : [name, value]
  })
}

/** The text of an agent comes again with each of its steps, which share the object. */
const agentTexts = new WeakMap<AgentRef, string>()

function agentText(agent: AgentRef | null): string {
  if (agent === null) return '{}'
  let text = agentTexts.get(agent)
  if (text === undefined) agentTexts.set(agent, (text = JSON.stringify(agent)))
  return text
}

/**
 * Fields → event. Entries of the predecessor (no span ids, no tenant, NaN in its JSON) are read too. A malformed entry is
 * an answer, not an exception: one bad entry must never stop a reader.
 */
export function fromFieldList(fields: FieldList): DecodedEntry {
  const raw = new Map<string, string>()
  for (let i = 0; i + 1 < fields.length; i += 2) raw.set(fields[i] as string, fields[i + 1] as string)
  try {
    return checkStored(assemble(raw))
  } catch (error) {
    return { ok: false, reason: error instanceof BadField ? error.message : 'unreadable entry' }
  }
}

class BadField extends Error {}

function assemble(raw: ReadonlyMap<string, string>): Record<string, unknown> {
  const text = (name: string) => raw.get(name) || null
  const event: Record<string, unknown> = {
    event_id: raw.get('event_id'),
    trace_id: text('trace_id'),
    session_id: text('session_id'),
    timestamp: raw.get('timestamp'),
    event_type: raw.get('event_type'),
    source_agent: agent(raw, 'source_agent'),
    target_agent: agent(raw, 'target_agent'),
    payload: object(raw, 'payload'),
    metadata: object(raw, 'metadata'),
    user_id: text('user_id'),
  }
  if (raw.has('performance_metrics')) event['performance_metrics'] = object(raw, 'performance_metrics')
  event['span_id'] = text('span_id')
  event['parent_span_id'] = text('parent_span_id')
  event['tenant_id'] = text('tenant_id')
  return event
}

/** `{}` is null. Generators of the predecessor wrote `agent_id` and `role` without `id`: both names are filled. */
function agent(raw: ReadonlyMap<string, string>, name: string): Record<string, unknown> | null {
  const value = object(raw, name)
  if (Object.keys(value).length === 0) return null
  const id = value['id'] ?? value['agent_id'] ?? value['role']
  if (id === undefined) return value
  return { ...value, id, role: value['role'] ?? id }
}

function object(raw: ReadonlyMap<string, string>, name: string): Record<string, unknown> {
  const text = raw.get(name)
  if (!text) return {}
  const value = parseJson(text, name)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new BadField(`${name} is not a JSON object`)
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    try {
      return JSON.parse(withoutNonFinite(text))
    } catch {
      throw new BadField(`${name} is not JSON`)
    }
  }
}

/** Python's json.dumps writes NaN and Infinity, which are not JSON: they become null, outside of strings only. */
function withoutNonFinite(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) => (token.startsWith('"') ? token : 'null'))
}
