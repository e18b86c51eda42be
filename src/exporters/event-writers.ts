import type { AurenEvent } from '../events/event.ts'
import type { EventWriter } from './event-writer.ts'
import { sumOf } from './writer-stats.ts'

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
      return writers.map(({ stats }) => stats).reduce(sumOf)
    },
    flush: (timeoutMs) => all(writers.map((writer) => writer.flush(timeoutMs))),
    settle: (timeoutMs) => all(writers.map((writer) => writer.settle(timeoutMs))),
    keep: () => writers.reduce((lost, writer) => lost + writer.keep(), 0),
    close: (timeoutMs) => all(writers.map((writer) => writer.close(timeoutMs))),
  }
}
