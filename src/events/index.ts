export { AgentRef, AurenEvent, PerformanceMetrics } from './event-schema.ts'
export { eventTypes, predecessorEventTypes, type AurenEventType } from './event-types.ts'
