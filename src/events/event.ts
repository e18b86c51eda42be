import type { Static } from 'typebox'
import type * as schema from './event-schema.ts'

// Types alone: an agent process checks nothing by the schemas, and so does not load TypeBox.
export type AgentRef = Static<typeof schema.AgentRef>
export type PerformanceMetrics = Static<typeof schema.PerformanceMetrics>
export type AurenEvent = Static<typeof schema.AurenEvent>
