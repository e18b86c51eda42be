import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { AurenError } from '../../src/errors.ts'
import { AppendError, PositionLostError } from '../../src/streams/event-stream.ts'
import type { EventPage, EventStream, StreamPosition } from '../../src/streams/event-stream.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { anEvent } from '../support/events.ts'

/** What the suite needs of a driver besides its URL: things that happen behind its back. */
export interface StreamUnderTest {
  readonly url: string
  /** Removes the oldest entries so that `keep` are left. */
  readonly trim: (keep: number) => Promise<void>
  /** Deletes everything, as FLUSHALL or rm do. */
  readonly destroy: () => Promise<void>
  /** Adds an entry that is no event. */
  readonly addGarbage: () => Promise<void>
}

/** One suite for all drivers; a case that one cannot pass is listed with its reason. */
export function eventStreamSuite(
  create: () => Promise<StreamUnderTest>,
  skip: Readonly<Record<string, string>> = {},
): void {
  const names = new Set<string>()
  const check = (name: string, body: (test: OpenedStream) => Promise<void>) => {
    names.add(name)
    it(name, async ({ skip: skipTest }) => {
      if (skip[name] !== undefined) skipTest(skip[name])
      const under = await create()
      await body({ ...under, stream: await open(under.url), another: () => open(under.url) })
    })
  }
  cases(check)
  it('skips only cases that exist', () => {
    expect(Object.keys(skip).filter((name) => !names.has(name))).toEqual([])
  })
}

interface OpenedStream extends StreamUnderTest {
  readonly stream: EventStream
  readonly another: () => Promise<EventStream>
}

async function open(url: string): Promise<EventStream> {
  const stream = await openStream(url)
  onTestFinished(() => stream.close())
  return stream
}

const events = (...ids: string[]) => ids.map((id) => anEvent({ event_id: id }))
const idsOf = (page: Pick<EventPage, 'entries'>) => page.entries.map(({ event }) => event.event_id)
const start = async (stream: EventStream) => (await stream.info()).first

async function lost(work: Promise<unknown>): Promise<PositionLostError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(PositionLostError)
  return error as PositionLostError
}

async function readAll(stream: EventStream, from: StreamPosition, limit = 100): Promise<string[]> {
  const ids: string[] = []
  for (let after = from; ;) {
    const page = await stream.read(after, { limit })
    if (page.entries.length === 0 && page.malformed === 0) return ids
    ids.push(...idsOf(page))
    after = page.next
  }
}

function cases(check: (name: string, body: (test: OpenedStream) => Promise<void>) => void): void {
  check('reads back events in append order', async ({ stream }) => {
    const sent = events('1', '2', '3')
    await stream.append(sent)
    const page = await stream.read(await start(stream))
    expect(page.entries.map(({ event }) => event)).toEqual(sent)
  })

  check('resolves an append with the position after its last event', async ({ stream }) => {
    const after = await stream.append(events('1', '2'))
    expect(after).toEqual((await stream.info()).last)
    expect(idsOf(await stream.read(after))).toEqual([])
    await stream.append(events('3'))
    expect(idsOf(await stream.read(after))).toEqual(['3'])
  })

  check('reads page by page without losing or repeating one', async ({ stream }) => {
    const ids = Array.from({ length: 25 }, (_, index) => String(index))
    await stream.append(events(...ids))
    expect(await readAll(stream, await start(stream), 4)).toEqual(ids)
  })

  check('gives the newest events first when asked for recent ones', async ({ stream }) => {
    await stream.append(events('1', '2', '3'))
    expect((await stream.recent(2)).map(({ event }) => event.event_id)).toEqual(['3', '2'])
  })

  check('is empty at the beginning, with equal first and last', async ({ stream }) => {
    const { length, first, last } = await stream.info()
    expect({ length, first }).toEqual({ length: 0, first: last })
    expect(await stream.recent(10)).toEqual([])
    expect(await stream.read(last)).toMatchObject({ entries: [], malformed: 0 })
  })

  check('wakes a waiting read when another instance appends', async ({ stream, another }) => {
    const { last } = await stream.info()
    const waiting = stream.read(last, { waitMs: 15_000 })
    await (await another()).append(events('1'))
    expect(idsOf(await waiting)).toEqual(['1'])
  })

  check('wakes a waiting read when another process appends', async ({ stream, url }) => {
    const { last } = await stream.info()
    const waiting = stream.read(last, { waitMs: 15_000 })
    await appendElsewhere(url, 'other', 1)
    expect(idsOf(await waiting)).toEqual(['other-0'])
  })

  check('ends a wait with an empty page when its time is over', async ({ stream }) => {
    const { last } = await stream.info()
    expect(await stream.read(last, { waitMs: 30 })).toMatchObject({ entries: [], next: last })
  })

  check('ends a wait with an empty page when it is aborted', async ({ stream }) => {
    const { last } = await stream.info()
    const stop = new AbortController()
    const waiting = stream.read(last, { waitMs: 60_000, signal: stop.signal })
    setTimeout(() => stop.abort(), 20)
    expect(await waiting).toMatchObject({ entries: [] })
  })

  check('says how many events were trimmed before they were read', async ({ stream, trim }) => {
    await stream.append(events('0'))
    const { last: position } = await stream.info()
    await stream.append(events('1', '2', '3', '4'))
    await trim(2)
    const error = await lost(stream.read(position))
    expect(error).toMatchObject({ reason: 'trimmed', missed: 2 })
    expect(idsOf(await stream.read(error.firstAvailable))).toEqual(['3', '4'])
  })

  check('says how many events were lost when all were trimmed', async ({ stream, trim }) => {
    const { last: position } = await stream.info()
    await stream.append(events('1', '2', '3'))
    await trim(0)
    const error = await lost(stream.read(position))
    expect(error).toMatchObject({ reason: 'trimmed', missed: 3 })
    await stream.append(events('4'))
    expect(idsOf(await stream.read(error.firstAvailable))).toEqual(['4'])
  })

  check('reports nothing lost when only what was read has been trimmed', async ({ stream, trim }) => {
    const position = await stream.append(events('1', '2', '3'))
    await trim(0)
    expect(idsOf(await stream.read(position))).toEqual([])
    await stream.append(events('4'))
    expect(idsOf(await stream.read(position))).toEqual(['4'])
  })

  check('says that a recreated stream is another one', async ({ stream, destroy, another }) => {
    const position = await stream.append(events('1', '2'))
    await destroy()
    await (await another()).append(events('3'))
    const error = await lost(stream.read(position))
    expect(error.reason).toBe('epoch_changed')
    expect(idsOf(await stream.read(error.firstAvailable))).toEqual(['3'])
  })

  check('tells a waiting read that the stream was recreated', async ({ stream, destroy, another }) => {
    const position = await stream.append(events('1'))
    const waiting = lost(stream.read(position, { waitMs: 15_000 }))
    await destroy()
    await (await another()).append(events('2'))
    expect((await waiting).reason).toBe('epoch_changed')
  })

  check('refuses a position that is no position of it', async ({ stream }) => {
    const { epoch } = await stream.info()
    for (const id of ['', 'x', '-1', '1-', '1-2-3', '9'.repeat(40), "'; DROP TABLE events", '💥']) {
      await expect(stream.read({ epoch, id })).rejects.toMatchObject({ code: 'AUREN_POSITION_INVALID' })
    }
  })

  check('keeps each writer’s order when four processes write at once', async ({ stream, url }) => {
    const writers = ['a', 'b', 'c', 'd']
    const from = await start(stream)
    await Promise.all(writers.map((writer) => appendElsewhere(url, writer, 250)))
    const ids = await readAll(stream, from, 300)
    for (const writer of writers) {
      const own = ids.filter((id) => id.startsWith(`${writer}-`))
      expect(own).toEqual(Array.from({ length: 250 }, (_, number) => `${writer}-${number}`))
    }
  })

  check('keeps events and positions when it is closed and opened again', async ({ stream, another }) => {
    const position = await stream.append(events('1'))
    await stream.append(events('2'))
    await stream.close()
    const again = await another()
    expect(idsOf(await again.read(position))).toEqual(['2'])
  })

  check('skips and counts stored data that is no event, and goes on behind it', async ({ stream, addGarbage }) => {
    await stream.append(events('1'))
    await addGarbage()
    await stream.append(events('2'))
    const page = await stream.read(await start(stream))
    expect(idsOf(page)).toEqual(['1', '2'])
    expect(page.malformed).toBe(1)
    expect(idsOf(await stream.read(page.next))).toEqual([])
    expect((await stream.recent(5)).map(({ event }) => event.event_id)).toEqual(['2', '1'])
  })

  check('ends waiting reads when it is closed, and refuses later calls', async ({ stream }) => {
    const { last } = await stream.info()
    const waiting = stream.read(last, { waitMs: 60_000 })
    await stream.close()
    await waiting.catch((error: unknown) => expect(error).toMatchObject({ code: 'AUREN_STREAM_CLOSED' }))
    for (const call of [stream.append(events('1')), stream.read(last), stream.recent(1), stream.info()]) {
      await expect(call).rejects.toMatchObject({ code: 'AUREN_STREAM_CLOSED' })
    }
    await stream.close()
  })

  check('stores an append that is under way when it is closed', async ({ stream, another }) => {
    const appending = stream.append(events('1'))
    await stream.close()
    const stored = await appending.then(
      () => true,
      (error: unknown) => !(error instanceof AppendError || error instanceof AurenError),
    )
    const found = (await (await another()).recent(5)).length === 1
    expect(found).toBe(stored)
  })

  check('delivers or announces every event, in order, whatever is trimmed meanwhile', async ({ url, trim }) => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ do: fc.constant('trim' as const), count: fc.integer({ min: 0, max: 4 }) }),
      fc.record({ do: fc.constant('read' as const), count: fc.integer({ min: 1, max: 3 }) }),
    )
    const stream = await open(url)
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const model = new ReaderModel((await stream.info()).last)
        for (const { do: action, count } of steps) {
          if (action === 'append') await stream.append(model.produce(count))
          else if (action === 'trim') await trim(count)
          else await model.read(stream, count)
        }
        while (await model.read(stream, 10));
        expect(model.accounted).toBe(model.produced)
      }),
      { numRuns: 25 },
    )
  })
}

/** A reader that knows what was produced: what it is given must go on exactly where it stands, less what is announced. */
class ReaderModel {
  produced = 0
  accounted = 0
  #position: StreamPosition

  constructor(position: StreamPosition) {
    this.#position = position
  }

  produce(count: number) {
    return Array.from({ length: count }, () => anEvent({ event_id: String((this.produced += 1)) }))
  }

  async read(stream: EventStream, limit: number): Promise<boolean> {
    try {
      const page = await stream.read(this.#position, { limit })
      for (const id of idsOf(page)) expect(id).toBe(String((this.accounted += 1)))
      this.#position = page.next
      return page.entries.length > 0
    } catch (error) {
      if (!(error instanceof PositionLostError)) throw error
      this.accounted += error.missed ?? NaN
      this.#position = error.firstAvailable
      return true
    }
  }
}

async function appendElsewhere(url: string, writer: string, count: number): Promise<void> {
  const program = fileURLToPath(new URL('../support/append-events.ts', import.meta.url))
  const child = spawn(process.execPath, [program, url, writer, String(count)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const code = await new Promise((resolve) => child.once('exit', resolve))
  expect(code).toBe(0)
}
