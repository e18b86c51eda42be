import { randomUUID } from 'node:crypto'
import type { AurenEvent } from '../events/event.ts'
import { toTimestamp } from '../events/timestamp.ts'
import { producerId } from './producer-id.ts'

/** Where Prometheus reaches the metrics of this process. */
export interface MetricsEndpoint {
  /** `host:port` */
  readonly address: string
  /** `service.name` of the process. */
  readonly service: string
}

export interface ProcessHeartbeatOptions {
  /** Milliseconds between two heartbeats. */
  readonly intervalMs: number
  readonly tenantId: string | null
  readonly write: (event: AurenEvent) => void
}

/** Milliseconds until the first heartbeat: a process that is over by then is scraped by nobody. */
const firstBeatMs = 5_000

/**
 * Says where this process can be scraped for as long as it lives, whether it has work or not; gateways list it for Prometheus.
 * A heartbeat of no run: `trace_id` is null.
 */
export class ProcessHeartbeat {
  readonly #options: ProcessHeartbeatOptions
  #endpoint: MetricsEndpoint | undefined
  #timer: NodeJS.Timeout | undefined
  #isKnown = false

  constructor(options: ProcessHeartbeatOptions) {
    this.#options = options
  }

  start(endpoint: MetricsEndpoint): void {
    const { intervalMs } = this.#options
    this.#endpoint = endpoint
    this.#beatAfter(Math.min(firstBeatMs, intervalMs))
  }

  /** The last word, where one was said before. A process that goes on after it is heard of again. */
  farewell(): void {
    if (this.#isKnown) this.#say(0)
    this.#isKnown = false
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.farewell()
  }

  #beatAfter(ms: number): void {
    const { intervalMs } = this.#options
    this.#timer = setTimeout(() => {
      this.#isKnown = true
      this.#say(intervalMs)
      this.#beatAfter(intervalMs)
    }, ms).unref()
  }

  /** Nothing comes after an interval of 0. */
  #say(intervalMs: number): void {
    if (this.#endpoint === undefined) return
    const { address, service } = this.#endpoint
    this.#options.write({
      event_id: randomUUID(),
      trace_id: null,
      session_id: null,
      timestamp: toTimestamp(Date.now()),
      event_type: 'heartbeat',
      source_agent: null,
      target_agent: null,
      payload: { producer: producerId, interval_ms: intervalMs, metrics_address: address },
      metadata: { service },
      user_id: null,
      span_id: null,
      parent_span_id: null,
      tenant_id: this.#options.tenantId,
    })
  }
}
