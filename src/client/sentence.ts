import type { AurenEvent } from '../events/event.ts'
import type { AurenEventType } from '../events/event-types.ts'
import { dollars, duration } from './figures.ts'

type Payload = AurenEvent['payload']

/** One human sentence for an event, without its agent: what happened, to what, how much and how long. */
export function sentence(event: AurenEvent): string {
  const say = (sentences as Readonly<Record<string, ((event: AurenEvent) => string) | undefined>>)[event.event_type]
  return `${say?.(event) ?? event.event_type.replaceAll('_', ' ')}${failure(event)}`
}

/** Whether an event tells of something that failed; producers of the predecessor said it in other places. */
export function hasFailed({ payload, performance_metrics: metrics }: AurenEvent): boolean {
  const told = payload['execution_result'] === 'error' || payload['direction'] === 'system_error'
  return payload['success'] === false || told || metrics?.success === false
}

const sentences: Readonly<Record<AurenEventType, (event: AurenEvent) => string>> = {
  agent_execution_started: () => 'started',
  agent_execution_completed: (event) =>
    `${hasFailed(event) ? `failed: ${errorOf(event)}` : 'finished'}${details(usage(event.payload), time(event.payload['session_duration_ms']))}`,
  agent_collaboration: collaboration,
  agent_decision: ({ payload }) => `decided ${words(payload['decision'], 'something')}${details(confidence(payload))}`,
  tool_usage_started: ({ payload }) => `is using ${words(payload['tool_name'], 'a tool')}`,
  tool_usage: ({ payload }) =>
    `used ${words(payload['tool_name'], 'a tool')}${details(time(payload['execution_time_ms']))}`,
  llm_call_started: ({ payload }) => `is asking ${words(payload['model'], 'a model')}`,
  llm_call: ({ payload }) =>
    `asked ${words(payload['model'], 'a model')}${details(tokens(payload), cost(payload['cost']), time(payload['latency_ms']))}`,
  hypothesis_formation: ({ payload }) =>
    `supposes ${words(payload['hypothesis'], 'something')}${details(confidence(payload))}`,
  knowledge_access: ({ payload }) =>
    `looked up ${words(payload['topic'] ?? payload['knowledge_domain'], 'knowledge')}${details(items(payload))}`,
  biometric_analysis: ({ payload }) =>
    `read ${list(payload['metrics_available'], 'biometrics')}${details(words(payload['trend_direction'], ''))}`,
  conversation_event: ({ payload }) => conversation(payload),
  system_health: ({ payload }) => `reported ${words(payload['event'] ?? payload['status'], 'its health')}`,
  performance_metric: ({ payload }) =>
    `measured ${words(payload['metric'], 'something')}${details(words(payload['value'], ''))}`,
  memory_tier_access: memory,
  heartbeat: ({ trace_id: run, metadata }) =>
    run === null ? `a process of ${words(metadata['service'], 'an agent')} is there` : 'is still at work',
  telemetry_gap: ({ payload }) =>
    payload['dropped'] === 1 ? '1 event was lost' : `${words(payload['dropped'], 'some')} events were lost`,
  alert: ({ payload }) => words(payload['message'] ?? payload['alert'], 'raised an alert'),
}

function collaboration({ payload, target_agent: target }: AurenEvent): string {
  const partners = list(payload['collaborating_agents'], target?.id ?? 'another agent')
  const kind = payload['collaboration_type']
  const verb = kind === 'handoff' ? 'handed over to' : kind === 'delegation' ? 'delegated to' : 'worked with'
  return `${verb} ${partners}${details(words(payload['reason'], ''), time(payload['resolution_time_ms']))}`
}

function memory({ payload }: AurenEvent): string {
  const hit = payload['cache_hit']
  const found = typeof hit === 'boolean' ? (hit ? 'hit' : 'miss') : ''
  const operation = words(payload['operation'], 'search')
  const verb = operation === 'store' ? 'stored in' : operation === 'search' ? 'searched' : `${operation} in`
  return `${verb} ${words(payload['tier_accessed'], 'memory')}${details(found, items(payload), time(payload['latency_ms']))}`
}

function conversation(payload: Payload): string {
  const direction = payload['direction']
  if (direction === 'user_to_system') return 'was asked by the user'
  if (direction === 'system_error') return 'could not answer the user'
  return direction === 'system_to_user' ? 'answered the user' : 'talked with the user'
}

/** Types whose own sentence says that it failed. */
const plain: ReadonlySet<string> = new Set(['agent_execution_completed', 'conversation_event'])

function failure(event: AurenEvent): string {
  return hasFailed(event) && !plain.has(event.event_type) ? ` and failed: ${errorOf(event)}` : ''
}

function errorOf({ payload, performance_metrics: metrics }: AurenEvent): string {
  return words(payload['error_type'] ?? metrics?.error_type, 'unknown error')
}

function tokens(payload: Payload): string {
  const [input, output] = [number(payload['input_tokens']), number(payload['output_tokens'])]
  if (input !== undefined && output !== undefined) return `${input} → ${output} tokens`
  if (output !== undefined) return `→ ${output} tokens`
  return input === undefined ? '' : `${input} tokens`
}

function usage(payload: Payload): string {
  const calls = number(payload['llm_calls_made'])
  const total = (number(payload['own_cost']) ?? 0) + (number(payload['delegated_cost']) ?? 0)
  return [calls === undefined ? '' : counted(calls, 'model call'), total > 0 ? cost(total) : '']
    .filter(Boolean)
    .join(', ')
}

function items(payload: Payload): string {
  const count = number(payload['items_retrieved'] ?? payload['items_accessed'] ?? payload['result_count'])
  return count === undefined ? '' : counted(count, 'item')
}

function confidence(payload: Payload): string {
  const value = number(payload['confidence'])
  return value === undefined ? '' : `${Math.round(value * 100)} % sure`
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}

function cost(value: unknown): string {
  const usd = number(value)
  return usd === undefined ? '' : dollars(usd)
}

function time(value: unknown): string {
  const ms = number(value)
  return ms === undefined ? '' : duration(ms)
}

/** What JSON has no number for (NaN, ∞) is as good as unknown. */
function number(value: unknown): number | undefined {
  return Number.isFinite(value) ? (value as number) : undefined
}

function details(...parts: readonly string[]): string {
  const known = parts.filter((part) => part !== '')
  return known.length === 0 ? '' : ` (${known.join(', ')})`
}

/** Longest text quoted in a sentence, in characters. */
const maxWords = 120

function words(value: unknown, fallback: string): string {
  const text = typeof value === 'object' && value !== null ? objectWords(value) : value
  if (typeof text !== 'string' && number(text) === undefined) return fallback
  const line = String(text).replaceAll(/\s+/g, ' ').trim()
  return line === '' ? fallback : line.length > maxWords ? `${line.slice(0, maxWords)}…` : line
}

/** Decisions of the predecessor are objects that say what they are in one of these keys. */
function objectWords(value: object): unknown {
  const record = value as Readonly<Record<string, unknown>>
  return record['action'] ?? record['content'] ?? record['type']
}

function list(value: unknown, fallback: string): string {
  if (!Array.isArray(value)) return fallback
  const known = value.map((item) => words(item, '')).filter((item) => item !== '')
  return words(known.join(', '), fallback)
}
