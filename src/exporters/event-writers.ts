import type { AurenEvent } from '../events/event.ts'
import { writerStates } from './event-writer.ts'
import type { EventWriter, WriterStats } from './event-writer.ts'

/** What an exporter needs of one writer, or of several. */
export type Writer = Pick<EventWriter, 'write' | 'stats' | 'flush' | 'settle' | 'keep' | 'close'>

/** The same events to several streams, each at its own pace: one that is away delays only itself. */
export function writeToAll(writers: readonly EventWriter[]): Writer {
  const [only, ...others] = writers
  if (only !== undefined && others.length === 0) return only
  const all = async (outcomes: readonly Promise<boolean>[]) => (await Promise.all(outcomes)).every(Boolean)
  return {
    write: (events: readonly AurenEvent[]) => writers.forEach((writer) => writer.write(events)),
    get stats() {
      return writers.map(({ stats }) => stats).reduce(sum)
    },
    flush: (timeoutMs) => all(writers.map((writer) => writer.flush(timeoutMs))),
    settle: (timeoutMs) => all(writers.map((writer) => writer.settle(timeoutMs))),
    keep: () => writers.reduce((lost, writer) => lost + writer.keep(), 0),
    close: (timeoutMs) => all(writers.map((writer) => writer.close(timeoutMs))),
  }
}

/** Events count once for each stream; the state is the worst. */
function sum(a: WriterStats, b: WriterStats): WriterStats {
  return {
    state: writerStates[Math.max(writerStates.indexOf(a.state), writerStates.indexOf(b.state))] ?? a.state,
    queuedEvents: a.queuedEvents + b.queuedEvents,
    queuedBytes: a.queuedBytes + b.queuedBytes,
    capacityEvents: a.capacityEvents + b.capacityEvents,
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
