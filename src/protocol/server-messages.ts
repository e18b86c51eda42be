import type { AurenEvent } from '../events/event.ts'
import type { RunUpdate, Snapshot } from './runs.ts'
import type { SubscriptionName } from './subscriptions.ts'

/** Limits that hold for a connection, told when it is established. */
export interface Limits {
  readonly max_connections: number
  readonly max_connections_per_user: number
  readonly messages_per_minute: number
  readonly max_message_bytes: number
  /** Events sent to this connection in a minute; null: no limit. */
  readonly max_events_per_minute: number | null
}

export interface ConnectionEstablished {
  readonly type: 'connection_established'
  readonly connection_id: string
  readonly server_time: string
  readonly available_subscriptions: readonly SubscriptionName[]
  readonly agent_filter: readonly string[]
  readonly performance_threshold: number
  readonly protocol_version: 0 | 1
  readonly subscriptions: readonly SubscriptionName[]
  readonly user_id: string
  readonly tenant_id: string | null
  readonly heartbeat_interval_ms: number
  readonly limits: Limits
}

export interface StreamEvent {
  readonly type: 'stream_event'
  /** Place of the event in the stream, opaque. */
  readonly id: string
  /** Events left out before this one because of the connection's budget; only when there were some (v0). */
  readonly skipped?: number
  readonly event: AurenEvent
}

export interface RecentEvents {
  readonly type: 'recent_events'
  /** Newest first. */
  readonly events: readonly AurenEvent[]
  readonly count: number
  /** The search ended before it found as many as were asked for; older ones may match. */
  readonly truncated?: true
  readonly request_id?: string
}

/** Events that this connection should have seen and did not (v1). */
export interface Gap {
  readonly type: 'gap'
  readonly reason: 'trimmed' | 'epoch_changed' | 'future_position' | 'rate_limit'
  /** null where the number cannot be known. */
  readonly missed: number | null
}

export interface ErrorMessage {
  readonly type: 'error'
  readonly code:
    'invalid_message' | 'unknown_type' | 'unknown_subscription' | 'rate_limited' | 'slow_consumer' | 'unavailable'
  readonly message: string
  readonly retryable: boolean
  readonly fatal: boolean
  readonly request_id?: string
}

/** Quantiles come from a sketch: at most 1 % beside the true value. */
export interface AgentSummary {
  readonly average_latency_ms: number
  readonly p50_latency_ms: number
  readonly p95_latency_ms: number
  readonly p99_latency_ms: number
  readonly success_rate: number
  readonly error_rate: number
  readonly total_operations: number
  readonly llm_calls: number
  readonly tokens: number
  /** USD, of leaf model calls. */
  readonly cost: number
  /** Successful model calls without a known price: the cost is then a lower bound. */
  readonly unpriced_calls: number
  readonly last_update: string
  readonly state: 'healthy' | 'slow' | 'degraded' | 'failing' | 'silent'
}

export interface CollaborationSummary {
  readonly total_collaborations: number
  readonly success_rate: number
  readonly unique_partners: number
  readonly last_collaboration: string
}

/** One tier of memory. `hit_rate` is null where no access said whether it hit. */
export interface MemorySummary {
  readonly accesses: number
  readonly hits: number
  readonly misses: number
  readonly hit_rate: number | null
  readonly error_rate: number
  readonly p50_latency_ms: number
  readonly p95_latency_ms: number
  readonly p99_latency_ms: number
}

export interface PerformanceSummary {
  readonly type: 'performance_summary'
  readonly timestamp: string
  readonly data: {
    readonly timestamp: string
    /** The figures are of events from `window_start` until now, `window_seconds` at the most. */
    readonly window_seconds: number
    readonly window_start: string
    readonly agents: Readonly<Record<string, AgentSummary>>
    readonly system: {
      readonly active_connections: number
      readonly events_sent: number
      readonly uptime_seconds: number
    }
    readonly collaboration: Readonly<Record<string, CollaborationSummary>>
    readonly memory: Readonly<Record<string, MemorySummary>>
  }
}

interface Answer {
  readonly request_id?: string
}

export type ServerMessage =
  | ConnectionEstablished
  | StreamEvent
  | RecentEvents
  | Gap
  | ErrorMessage
  | PerformanceSummary
  | Snapshot
  | RunUpdate
  | ({
      readonly type: 'subscription_confirmed' | 'unsubscription_confirmed'
      readonly subscription: SubscriptionName
    } & Answer)
  | ({
      readonly type: 'filter_updated'
      readonly agent_filter: readonly string[]
      readonly performance_threshold: number
    } & Answer)
  | ({ readonly type: 'pong'; readonly server_time?: string } & Answer)
