import type { Redis } from 'ioredis'
import { expect, onTestFinished } from 'vitest'
import { fromFieldList } from '../../src/events/field-list.ts'
import type { AurenEvent } from '../../src/events/event.ts'
import { EventWriter } from '../../src/exporters/event-writer.ts'
import type { EventWriterOptions } from '../../src/exporters/event-writer.ts'
import type { WriterState } from '../../src/exporters/writer-stats.ts'
import { Spool } from '../../src/exporters/spool.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { anEvent } from '../support/events.ts'
import { temporaryFolder } from '../support/processes.ts'

export interface Producer {
  readonly writer: EventWriter
  readonly spoolFolder: string
  /** The changes of the writer's state so far. */
  readonly states: readonly WriterState[]
  /** Ids of the events given to the writer, in order. */
  readonly produced: readonly string[]
  /** Gives the writer so many events, one at a time. */
  produce(count: number, fields?: Partial<AurenEvent>): void
}

/** A writer as an agent has one, but quick to give up, to spool and to try again, so that a fault need not last long. */
export function startProducer(
  url: string,
  options: Partial<EventWriterOptions> & { readonly maxSpoolBytes?: number; readonly spoolFolder?: string } = {},
): Producer {
  const { spoolFolder = temporaryFolder(), maxSpoolBytes, ...more } = options
  const states: WriterState[] = []
  const writer = new EventWriter({
    open: () => openStream(url, { timeoutMs: 300, countsAppends: false }),
    spool: new Spool({ folder: spoolFolder, ...(maxSpoolBytes === undefined ? {} : { maxBytes: maxSpoolBytes }) }),
    spoolAfterMs: 100,
    minRetryMs: 5,
    maxRetryMs: 100,
    onStateChange: (state) => states.push(state),
    ...more,
  })
  onTestFinished(async () => void (await writer.close(100)))
  const produced: string[] = []
  return {
    writer,
    spoolFolder,
    states,
    produced,
    produce: (count, fields) => {
      for (let i = 0; i < count; i += 1) {
        const event = anEvent(fields)
        produced.push(event.event_id)
        writer.write([event])
      }
    },
  }
}

export interface Account {
  /** Ids in the stream, each at its first appearance. */
  readonly delivered: readonly string[]
  /** Entries that repeat an id: where an answer was lost or late. */
  readonly copies: number
  /** What the gap events say. */
  readonly gaps: readonly AurenEvent['payload'][]
  /** Types in the stream without copies, gap events included. */
  readonly types: readonly string[]
}

/** Checks that delivered and announced is what was produced, and that what was delivered is in order. */
export async function account(client: Redis, produced: readonly string[]): Promise<Account> {
  const entries = (await client.xrange('auren:events', '-', '+')).map(([, fields]) => {
    const decoded = fromFieldList(fields)
    if (!decoded.ok) throw new Error(decoded.reason)
    return decoded.event
  })
  const events = [...new Map(entries.map((event) => [event.event_id, event])).values()]
  const gaps = events.filter(({ event_type: type }) => type === 'telemetry_gap').map(({ payload }) => payload)
  const delivered = events.filter(({ event_type: type }) => type !== 'telemetry_gap').map(({ event_id: id }) => id)
  const place = new Map(produced.map((id, index) => [id, index]))
  const places = delivered.map((id) => place.get(id) ?? -1)
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(places).not.toContain(-1)
  const announced = gaps.reduce((sum, { dropped }) => sum + Number(dropped ?? 0), 0)
  expect(delivered.length + announced).toBe(produced.length)
  const types = events.map(({ event_type: type }) => type)
  return { delivered, copies: entries.length - events.length, gaps, types }
}
