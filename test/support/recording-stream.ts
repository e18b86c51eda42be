import type { AurenEvent } from '../../src/events/event.ts'
import { AppendError } from '../../src/streams/event-stream.ts'
import type { EventStream, StreamPosition } from '../../src/streams/event-stream.ts'

/** What a writer appends, batch by batch, with a say in how each append ends. For pure logic only: drivers are tested real. */
export class RecordingStream implements Partial<EventStream> {
  readonly name = 'recording'
  readonly batches: AurenEvent[][] = []
  closed = false
  /** Events that the next appends fail to store; 'all' for every one. */
  fail: 'all' | ((event: AurenEvent) => boolean) | undefined
  /** Events that are refused for good. */
  reject: ((event: AurenEvent) => boolean) | undefined
  /** When set, appends wait for it. */
  hold: Promise<void> | undefined

  async append(events: readonly AurenEvent[]): Promise<StreamPosition> {
    await this.hold
    const fails = this.fail === 'all' ? () => true : (this.fail ?? (() => false))
    const rejected = events.filter((event) => this.reject?.(event))
    const failed = events.filter((event) => !rejected.includes(event) && fails(event))
    const stored = events.filter((event) => !rejected.includes(event) && !failed.includes(event))
    if (stored.length > 0) this.batches.push(stored)
    if (failed.length + rejected.length > 0) throw new AppendError(failed, new Error('refused'), rejected)
    return { epoch: 'e', id: String(this.batches.length) }
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }

  get ids(): string[] {
    return this.batches.flat().map(({ event_id: id }) => id)
  }

  asStream(): EventStream {
    return this as unknown as EventStream
  }
}
