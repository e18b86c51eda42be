import type { AurenEvent } from '../events/event.ts'

export interface QueueLimits {
  /** Bytes of queued events, estimated from their text. Default 16 MiB. */
  readonly maxBytes: number
  readonly maxEvents: number
}

/**
 * Dropped first when the queue is full, in this order: signs of life and starts, whose ends still tell the story. What
 * remains (ends, decisions, errors) is dropped only when nothing else is left.
 */
const dispensable: readonly ReadonlySet<string>[] = [
  new Set(['heartbeat']),
  new Set(['llm_call_started', 'tool_usage_started', 'memory_tier_access', 'knowledge_access']),
]

/** Events waiting to be written, oldest first, bounded in bytes and number. */
export class EventQueue {
  readonly #limits: QueueLimits
  #events: AurenEvent[] = []
  #sizes: number[] = []
  #bytes = 0

  constructor(limits: QueueLimits) {
    this.#limits = limits
  }

  get length(): number {
    return this.#events.length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Takes the event, and returns what had to be dropped for it: detail before structure, the oldest first. */
  add(event: AurenEvent): AurenEvent[] {
    const size = estimateBytes(event)
    this.#events.push(event)
    this.#sizes.push(size)
    this.#bytes += size
    const dropped: AurenEvent[] = []
    while (this.#events.length > 0 && this.#isOver()) dropped.push(this.#drop())
    return dropped
  }

  /** Takes up to this many events from the front. */
  take(maxEvents: number, maxBytes: number): AurenEvent[] {
    let bytes = 0
    let end = 0
    while (end < this.#events.length && end < maxEvents) {
      const size = this.#sizes[end] ?? 0
      if (end > 0 && bytes + size > maxBytes) break
      bytes += size
      end += 1
    }
    this.#bytes -= bytes
    this.#sizes.splice(0, end)
    return this.#events.splice(0, end)
  }

  /** Puts events that could not be written back in front, so that order is kept. The bound is checked at the next add. */
  putBack(events: readonly AurenEvent[]): void {
    const sizes = events.map(estimateBytes)
    this.#events.unshift(...events)
    this.#sizes.unshift(...sizes)
    this.#bytes += sizes.reduce((sum, size) => sum + size, 0)
  }

  #isOver(): boolean {
    return this.#bytes > this.#limits.maxBytes || this.#events.length > this.#limits.maxEvents
  }

  #drop(): AurenEvent {
    let index = -1
    for (const kinds of dispensable) {
      index = this.#events.findIndex((event) => kinds.has(event.event_type))
      if (index >= 0) break
    }
    const at = Math.max(index, 0)
    this.#bytes -= this.#sizes[at] ?? 0
    this.#sizes.splice(at, 1)
    return this.#events.splice(at, 1)[0] as AurenEvent
  }
}

/** Bytes an event will need, within a factor of two: exact sizes would cost a second serialisation. */
export function estimateBytes(event: AurenEvent): number {
  return 600 + weigh(event.payload, 0) + weigh(event.metadata, 0)
}

function weigh(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length + 4
  if (typeof value !== 'object' || value === null || depth > 12) return 8
  let bytes = 8
  for (const key in value) bytes += key.length + 4 + weigh((value as Record<string, unknown>)[key], depth + 1)
  return bytes
}
