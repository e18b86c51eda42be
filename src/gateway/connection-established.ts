import { toTimestamp } from '../events/timestamp.ts'
import type { ConnectionEstablished } from '../protocol/server-messages.ts'
import { subscriptionNames } from '../protocol/subscriptions.ts'
import type { EventFilter } from './event-filter.ts'
import type { Principal } from './principal.ts'
import type { GatewaySettings } from './settings.ts'
import type { TokenBucket } from './token-bucket.ts'

/** A connection that was let in. */
export interface Live {
  readonly principal: Principal
  readonly dialect: 0 | 1
  readonly filter: EventFilter
  readonly budget: TokenBucket | undefined
}

/** The welcome: the predecessor's six fields first, then what holds for this connection. */
export function connectionEstablished(
  id: string,
  { principal, dialect, filter }: Live,
  settings: GatewaySettings,
): ConnectionEstablished {
  return {
    type: 'connection_established',
    connection_id: id,
    server_time: toTimestamp(Date.now()),
    available_subscriptions: [...subscriptionNames],
    agent_filter: [...filter.agents],
    performance_threshold: filter.threshold,
    protocol_version: dialect,
    subscriptions: [...filter.subscriptions],
    user_id: principal.userId,
    tenant_id: principal.tenantId,
    heartbeat_interval_ms: settings.heartbeatMs,
    limits: {
      max_connections: settings.maxConnections,
      max_connections_per_user: settings.maxConnectionsPerUser,
      messages_per_minute: settings.messagesPerMinute,
      max_message_bytes: settings.maxMessageBytes,
      max_events_per_minute: principal.maxEventsPerMinute,
    },
    position: null,
    retention: null,
    ordering: 'total',
  }
}
