import { AurenError } from '../errors.ts'
import type { AurenEvent } from '../events/event.ts'

/**
 * A place in a stream. `epoch` names one life of the stream: it changes when the stream was deleted or replaced, so that a
 * recreated stream is never mistaken for a quiet one. `id` is the driver's own and opaque outside of it.
 */
export interface StreamPosition {
  readonly epoch: string
  readonly id: string
}

export interface StreamEntry {
  readonly id: string
  /** `id` of the position behind this entry: reading after it goes on with the next one. */
  readonly position: string
  readonly event: AurenEvent
}

export interface EventPage {
  readonly epoch: string
  /** Oldest first. */
  readonly entries: readonly StreamEntry[]
  /** Where to read on: after the last entry seen, malformed ones included. Equals the given position when nothing came. */
  readonly next: StreamPosition
  /** Entries that were skipped because they are no AUREN events. */
  readonly malformed: number
  /** Whether these were all there were. A page behind which there may be more can have fewer than were asked for, too. */
  readonly isEnd: boolean
}

export interface StreamInfo {
  readonly epoch: string
  /** Number of stored entries. */
  readonly length: number
  /** Position before the oldest stored entry: reading after it gives everything that is left. */
  readonly first: StreamPosition
  /** Where a reader begins that wants what is recent: before the newest 50,000 entries or so, or all there are. */
  readonly recent: StreamPosition
  /** Position of the newest entry ever stored, even when it has been trimmed since. */
  readonly last: StreamPosition
  /** Entries kept, approximately; older ones are trimmed. Null where something else decides, such as their age. */
  readonly maxLength: number | null
  /** `total`: every reader sees the same order. `partition`: only the events of one trace are in order. */
  readonly ordering: 'total' | 'partition'
}

export interface ReadOptions {
  /** Entries at the most, default 500. */
  readonly limit?: number
  /** Waits up to this long for the first entry when there is none, default 0. */
  readonly waitMs?: number
  /** Ends the wait early with an empty page. */
  readonly signal?: AbortSignal
}

/** Driver behind gateway and exporter. Nothing outside of `streams/` knows Redis, SQLite or Kafka. */
export interface EventStream {
  /** What a person may read about where this stream is: the URL without its credentials. */
  readonly name: string
  /** The streams that this one consists of, where it is several: whoever writes gives each a queue of its own. */
  readonly parts?: readonly EventStream[]
  /**
   * Stores events in this order and resolves with the position after the last. At least once: an append whose outcome is
   * unknown may have stored some. Rejects with {@link AppendError}, which says which events to append again.
   */
  append(events: readonly AurenEvent[]): Promise<StreamPosition>
  /**
   * As `append`, but in this turn of the event loop, for a process that ends. Throws when it cannot. Only drivers that
   * need no network have it.
   */
  appendNow?(events: readonly AurenEvent[]): void
  /** Events after `after`, oldest first. Rejects with {@link PositionLostError} when some of them were trimmed. */
  read(after: StreamPosition, options?: ReadOptions): Promise<EventPage>
  /**
   * The newest `limit` events, newest first; with `before`, the position of an entry, of those that stand before it. Malformed
   * entries are left out. Rejects with {@link PositionLostError} when `before` is of another life of the stream.
   */
  recent(limit: number, before?: StreamPosition): Promise<readonly StreamEntry[]>
  info(): Promise<StreamInfo>
  /**
   * Ends waiting reads, with an empty page or AUREN_STREAM_CLOSED, waits for pending appends, and is safe to call again.
   * Later calls reject with AUREN_STREAM_CLOSED.
   */
  close(): Promise<void>
}

/**
 * `failed` were not stored, or not known to be; `rejected` never will be, such as one that is larger than a broker takes; the
 * others were stored. Order inside `failed` is the order given.
 */
export class AppendError extends AurenError {
  readonly failed: readonly AurenEvent[]
  readonly rejected: readonly AurenEvent[]

  constructor(failed: readonly AurenEvent[], cause: unknown, rejected: readonly AurenEvent[] = []) {
    super('AUREN_APPEND_FAILED', { cause })
    this.failed = failed
    this.rejected = rejected
  }
}

export function appendError(events: readonly AurenEvent[], error: unknown): AppendError {
  return error instanceof AppendError ? error : new AppendError(events, error)
}

/** What became of events of which several appends, each of some or all of them, failed. */
export function joined(events: readonly AurenEvent[], errors: readonly AppendError[]): AppendError {
  const among = (kind: 'failed' | 'rejected') => {
    const named = new Set(errors.flatMap((error) => error[kind]))
    return events.filter((event) => named.has(event))
  }
  return new AppendError(among('failed'), errors[0]?.cause, among('rejected'))
}

export type PositionLostReason = 'trimmed' | 'epoch_changed' | 'future_cursor'

/** Events between a position and `firstAvailable` cannot be read any more. */
export class PositionLostError extends AurenError {
  readonly reason: PositionLostReason
  /** Read after this position to go on. */
  readonly firstAvailable: StreamPosition
  /** How many events are gone; null where the driver cannot know. */
  readonly missed: number | null

  constructor(reason: PositionLostReason, firstAvailable: StreamPosition, missed: number | null) {
    super('AUREN_POSITION_LOST', { detail: reason })
    this.reason = reason
    this.firstAvailable = firstAvailable
    this.missed = missed
  }
}
