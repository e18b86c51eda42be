import type { AurenEvent } from '../events/event.ts'

/** The ten subscriptions, in the order in which they are announced (contract §4). */
export const subscriptionNames = [
  'all_events',
  'agent_activity',
  'agent_collaboration',
  'agent_performance',
  'biometric_stream',
  'intelligence_events',
  'system_monitoring',
  'user_specific',
  'llm_usage',
  'tool_usage',
] as const

export type SubscriptionName = (typeof subscriptionNames)[number]

/** Everything but `user_specific`, which depends on who asks. */
type Topic = Exclude<SubscriptionName, 'user_specific'>

type Covers = (event: AurenEvent) => boolean

const ofTypes = (...types: readonly string[]): Covers => {
  const set = new Set(types)
  return (event) => set.has(event.event_type)
}

const coverage: Readonly<Record<Topic, Covers>> = {
  all_events: () => true,
  agent_activity: ofTypes('agent_execution_started', 'agent_execution_completed', 'agent_decision'),
  agent_collaboration: ofTypes('agent_collaboration'),
  agent_performance: (event) => event.performance_metrics !== undefined,
  biometric_stream: ofTypes('biometric_analysis'),
  intelligence_events: ofTypes('hypothesis_formation', 'knowledge_access', 'memory_tier_access', 'agent_decision'),
  system_monitoring: ofTypes('system_health', 'performance_metric', 'heartbeat', 'telemetry_gap', 'alert'),
  llm_usage: ofTypes('llm_call', 'llm_call_started'),
  tool_usage: ofTypes('tool_usage', 'tool_usage_started'),
}

/** One bit for each subscription that delivers the event, so that a filter is one comparison; `user_specific` has none. */
export function topicsOf(event: AurenEvent): number {
  let bits = 0
  subscriptionNames.forEach((name, index) => {
    if (name !== 'user_specific' && coverage[name](event)) bits |= 1 << index
  })
  return bits
}

/** The bits of these subscriptions, to be compared with {@link topicsOf}. */
export function topicBits(names: Iterable<SubscriptionName>): number {
  let bits = 0
  for (const name of names) if (name !== 'user_specific') bits |= 1 << subscriptionNames.indexOf(name)
  return bits
}

const known: ReadonlySet<string> = new Set(subscriptionNames)

export function isSubscription(name: unknown): name is SubscriptionName {
  return typeof name === 'string' && known.has(name)
}

/** Subscriptions whose connections are sent the performance summary. */
export const summarySubscriptions: readonly SubscriptionName[] = ['agent_performance', 'all_events']

/** Subscriptions whose connections are told of runs (v1). */
export const runSubscriptions: readonly SubscriptionName[] = ['agent_activity', 'all_events']
