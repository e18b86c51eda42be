import { expect, onTestFinished } from 'vitest'
import { AurenError } from '../../../src/errors.ts'
import { PositionLostError } from '../../../src/streams/event-stream.ts'
import type { EventPage, EventStream, StreamPosition } from '../../../src/streams/event-stream.ts'
import { openStream } from '../../../src/streams/open-stream.ts'
import type { OpenStreamOptions } from '../../../src/streams/open-stream.ts'
import { anEvent } from '../../support/events.ts'
import { startNode } from '../../support/processes.ts'
import { until } from '../../support/until.ts'

/** What the suite needs of a driver besides its URL: things that happen behind its back. */
export interface StreamUnderTest {
  readonly url: string
  /** An id that is well-formed and far beyond the newest entry. */
  readonly futureId: string
  /** Removes the oldest entries so that `keep` are left. */
  readonly trim: (keep: number) => Promise<void>
  /** Deletes everything, as FLUSHALL or rm do. */
  readonly destroy: () => Promise<void>
  /** Adds an entry that is no event. */
  readonly addGarbage: () => Promise<void>
}

export interface OpenedStream extends StreamUnderTest {
  readonly stream: EventStream
  readonly another: () => Promise<EventStream>
}

export type Check = (name: string, body: (test: OpenedStream) => Promise<void>) => void

export async function open(url: string, options: OpenStreamOptions = {}): Promise<EventStream> {
  const stream = await openStream(url, options)
  onTestFinished(() => stream.close())
  return stream
}

export const events = (...ids: string[]) => ids.map((id) => anEvent({ event_id: id }))

export const numbered = (count: number, prefix = '') => Array.from({ length: count }, (_, number) => prefix + number)

export const idsOf = (page: Pick<EventPage, 'entries'>) => page.entries.map(({ event }) => event.event_id)

export async function lost(work: Promise<unknown>): Promise<PositionLostError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(PositionLostError)
  return error as PositionLostError
}

/** Reads as a reader does: again while the stream cannot be had, as a broker may say of a topic that it has just made. */
export function patientRead(stream: EventStream, after: StreamPosition): Promise<EventPage> {
  return until('the stream can be read', () =>
    stream.read(after).catch((error: unknown) => {
      if (error instanceof AurenError && error.code === 'AUREN_STREAM_UNAVAILABLE') return undefined
      throw error
    }),
  )
}

export async function readAll(stream: EventStream, from: StreamPosition, limit = 100): Promise<string[]> {
  const ids: string[] = []
  for (let after = from; ;) {
    const page = await stream.read(after, { limit })
    if (page.entries.length === 0 && page.malformed === 0) return ids
    ids.push(...idsOf(page))
    after = page.next
  }
}

/** Appends from a process of its own, for each of the writers: `<writer>-0`, `<writer>-1`, … */
export async function appendElsewhere(url: string, writers: string, count: number): Promise<void> {
  const running = startNode(['test/support/append-events.ts', url, writers, String(count)])
  expect({ code: await running.exited(), stderr: running.stderr() }).toEqual({ code: 0, stderr: '' })
}
