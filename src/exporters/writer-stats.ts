import type { DropReason } from './losses.ts'

/** `spooling`: the stream is away and events go to disk; `holding`: the disk refuses them too, and they stay in memory. */
export const writerStates = ['writing', 'spooling', 'holding'] as const
export type WriterState = (typeof writerStates)[number]

export interface WriterStats {
  readonly state: WriterState
  readonly queuedEvents: number
  readonly queuedBytes: number
  readonly capacityEvents: number
  readonly capacityBytes: number
  readonly spooledEvents: number
  readonly spooledBytes: number
  readonly written: number
  readonly retries: number
  /** Events taken over from processes that ended before they were written. */
  readonly adopted: number
  readonly dropped: Readonly<Record<DropReason, number>>
}

/** Of two writers: events count once for each stream; the state is the worse one. */
export function sumOf(a: WriterStats, b: WriterStats): WriterStats {
  return {
    state: writerStates[Math.max(writerStates.indexOf(a.state), writerStates.indexOf(b.state))] ?? a.state,
    queuedEvents: a.queuedEvents + b.queuedEvents,
    queuedBytes: a.queuedBytes + b.queuedBytes,
    capacityEvents: a.capacityEvents + b.capacityEvents,
    capacityBytes: a.capacityBytes + b.capacityBytes,
    spooledEvents: a.spooledEvents + b.spooledEvents,
    spooledBytes: a.spooledBytes + b.spooledBytes,
    written: a.written + b.written,
    retries: a.retries + b.retries,
    adopted: a.adopted + b.adopted,
    dropped: {
      queue_full: a.dropped.queue_full + b.dropped.queue_full,
      unencodable: a.dropped.unencodable + b.dropped.unencodable,
      too_large: a.dropped.too_large + b.dropped.too_large,
      closed: a.dropped.closed + b.dropped.closed,
    },
  }
}
