import type { AurenEvent } from '../events/event.ts'

export interface QueueLimits {
  /** Bytes of queued events, estimated from their text. */
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

interface Waiting {
  readonly event: AurenEvent
  readonly bytes: number
}

/** Events waiting to be written, oldest first, bounded in bytes and number. */
export class EventQueue {
  readonly #limits: QueueLimits
  /** A full queue is cleared to this, so that the look for what to drop is shared by many events. */
  readonly #target: QueueLimits
  #waiting: Waiting[] = []
  #length = 0
  #bytes = 0

  constructor({ maxBytes, maxEvents }: QueueLimits) {
    this.#limits = { maxBytes, maxEvents }
    this.#target = { maxBytes: maxBytes - Math.floor(maxBytes / 64), maxEvents: maxEvents - Math.floor(maxEvents / 64) }
  }

  get length(): number {
    return this.#length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Takes the event, and returns what had to be dropped for it: detail before structure, the oldest first. */
  add(event: AurenEvent): readonly AurenEvent[] {
    const bytes = estimateBytes(event)
    this.#waiting.push({ event, bytes })
    this.#length += 1
    this.#bytes += bytes
    return this.#isOver(this.#limits) ? this.#shrink() : []
  }

  /** Up to this many events from the front; at least one when there is one. */
  front(maxEvents: number, maxBytes: number): AurenEvent[] {
    let bytes = 0
    let end = 0
    for (const waiting of this.#waiting) {
      if (end >= maxEvents || (end > 0 && bytes + waiting.bytes > maxBytes)) break
      bytes += waiting.bytes
      end += 1
    }
    return this.#waiting.slice(0, end).map(({ event }) => event)
  }

  /** Removes so many events from the front. */
  remove(count: number): void {
    for (const { bytes } of this.#waiting.splice(0, count)) {
      this.#bytes -= bytes
      this.#length -= 1
    }
  }

  #isOver({ maxBytes, maxEvents }: QueueLimits): boolean {
    return this.#bytes > maxBytes || this.#length > maxEvents
  }

  #shrink(): AurenEvent[] {
    const dropped: AurenEvent[] = []
    const dropWhere = (matches: (event: AurenEvent) => boolean) => {
      this.#waiting = this.#waiting.filter(({ event, bytes }) => {
        if (!this.#isOver(this.#target) || !matches(event)) return true
        this.#bytes -= bytes
        this.#length -= 1
        dropped.push(event)
        return false
      })
    }
    for (const kinds of dispensable) dropWhere(({ event_type: type }) => kinds.has(type))
    dropWhere(() => true)
    return dropped
  }
}

/** Bytes of what every event has: envelope, metadata, metrics. */
const envelopeBytes = 1_000

/** Bytes an event will need, within a factor of two: exact sizes would cost a second serialisation. */
function estimateBytes(event: AurenEvent): number {
  return envelopeBytes + weigh(event.payload, 0)
}

function weigh(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length + 24
  if (typeof value !== 'object' || value === null || depth > 12) return 24
  let bytes = 24
  for (const part of Object.values(value)) bytes += weigh(part, depth + 1)
  return bytes
}
