import { randomUUID } from 'node:crypto'
import type { AurenEvent } from '../events/event.ts'
import { toTimestamp } from '../events/timestamp.ts'
import { producerId } from './producer-id.ts'

/** Why events were given up. */
export type DropReason = 'queue_full' | 'unencodable' | 'too_large' | 'closed'

/** Why a viewer of the stream sees a hole: as {@link DropReason}, and what a process that died cannot have counted. */
export type GapReason = DropReason | 'process_killed' | 'spool_damaged'

export interface Gap {
  /** Time stamps of the first and the last event concerned, or of what is known to lie around them. */
  readonly from: string
  readonly to: string
  /** Left out when nobody can know. */
  readonly dropped?: number
  /** Which process lost them; default this one. */
  readonly producer?: string
}

/** Counts what is given up, and makes the events that announce it. */
export class Losses {
  readonly counts: Record<DropReason, number> = { queue_full: 0, unencodable: 0, too_large: 0, closed: 0 }
  readonly #tenantId: string | null
  readonly #gaps = new Map<GapReason, Gap>()
  readonly #ofOthers: AurenEvent[] = []

  constructor(tenantId: string | null) {
    this.#tenantId = tenantId
  }

  drop(reason: DropReason, events: readonly AurenEvent[]): void {
    this.counts[reason] += events.length
    for (const { timestamp } of events) {
      const gap = this.#gaps.get(reason)
      this.#gaps.set(reason, { from: gap?.from ?? timestamp, to: timestamp, dropped: (gap?.dropped ?? 0) + 1 })
    }
  }

  /** What another process lost, and could not announce itself. */
  announce(reason: GapReason, gap: Gap): void {
    this.#ofOthers.push(this.#event(reason, gap))
  }

  get isEmpty(): boolean {
    return this.#gaps.size === 0 && this.#ofOthers.length === 0
  }

  /** The events that announce what was lost since the last call; each is announced by one event, whatever happens to it. */
  take(): AurenEvent[] {
    const events = [...this.#ofOthers.splice(0), ...[...this.#gaps].map(([reason, gap]) => this.#event(reason, gap))]
    this.#gaps.clear()
    return events
  }

  #event(reason: GapReason, gap: Gap): AurenEvent {
    return {
      event_id: randomUUID(),
      trace_id: null,
      session_id: null,
      timestamp: toTimestamp(Date.now()),
      event_type: 'telemetry_gap',
      source_agent: null,
      target_agent: null,
      payload: { producer: producerId, ...gap, reason },
      metadata: {},
      user_id: null,
      span_id: null,
      parent_span_id: null,
      tenant_id: this.#tenantId,
    }
  }
}
