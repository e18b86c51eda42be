/** The 13 types of the Python predecessor. Clients of the compatible dialect (v0) get only these. */
export const predecessorEventTypes = [
  'agent_execution_started',
  'agent_execution_completed',
  'agent_collaboration',
  'agent_decision',
  'tool_usage',
  'llm_call',
  'hypothesis_formation',
  'knowledge_access',
  'biometric_analysis',
  'conversation_event',
  'system_health',
  'performance_metric',
  'memory_tier_access',
] as const

/**
 * Every event type. `llm_call` and `tool_usage` mean *finished*; their starts have types of their own, so that a reader
 * written for the predecessor never counts a call twice.
 */
export const eventTypes = [
  ...predecessorEventTypes,
  'llm_call_started',
  'tool_usage_started',
  'heartbeat',
  'telemetry_gap',
  'alert',
] as const

export type AurenEventType = (typeof eventTypes)[number]

const predecessorSet: ReadonlySet<string> = new Set(predecessorEventTypes)

/** Whether a client of the predecessor knows this type. */
export function isPredecessorType(type: string): boolean {
  return predecessorSet.has(type)
}
