import { toTimestamp } from '../events/timestamp.ts'
import type { ConnectionEstablished } from '../protocol/server-messages.ts'
import { subscriptionNames } from '../protocol/subscriptions.ts'
import type { StreamInfo } from '../streams/event-stream.ts'
import type { Source } from './delivery/subscriber.ts'
import { formatCursor } from './feed/cursor.ts'
import type { GatewaySettings } from './settings.ts'
import type { Viewer } from './viewer.ts'

/** What a welcome says of the gateway. */
export interface Greeting {
  readonly settings: GatewaySettings
  readonly source: Source
  readonly info: StreamInfo | undefined
}

/** The welcome: the predecessor's six fields first, then what holds for this connection. */
export function connectionEstablished(
  id: string,
  dialect: 0 | 1,
  { principal, filter }: Viewer,
  { settings, source, info }: Greeting,
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
    position: source.start()?.cursor ?? null,
    retention: info === undefined ? null : { first: formatCursor(info.first), max_events: info.maxLength },
    // Before the stream could be read, what holds for every stream.
    ordering: info?.ordering ?? 'partition',
  }
}
