import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { EventQueue } from '../../src/exporters/event-queue.ts'
import { EventWriter } from '../../src/exporters/event-writer.ts'
import type { EventWriterOptions } from '../../src/exporters/event-writer.ts'
import { anEvent } from '../support/events.ts'
import { RecordingStream } from '../support/recording-stream.ts'
import { until } from '../support/until.ts'

function aWriter(options: Partial<EventWriterOptions> = {}) {
  const stream = new RecordingStream()
  const states: string[] = []
  const writer = new EventWriter({
    open: () => Promise.resolve(stream.asStream()),
    spoolAfterMs: 5,
    minRetryMs: 1,
    maxRetryMs: 5,
    onStateChange: (state) => states.push(state),
    ...options,
  })
  onTestFinished(async () => void (await writer.close(100)))
  return { writer, stream, states }
}

const numbered = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => anEvent({ event_id: String(from + i) }))
const ids = (from: number, count: number) => Array.from({ length: count }, (_, i) => String(from + i))

describe('the event writer', () => {
  it('writes at once when it is idle, and together what comes while it writes', async () => {
    const { writer, stream } = aWriter()
    const { promise, resolve } = Promise.withResolvers<void>()
    writer.write(numbered(0, 1))
    await until('the first is written', () => stream.batches.length === 1)
    stream.hold = promise
    writer.write(numbered(1, 1))
    await until('the second is on its way', () => writer.stats.queuedEvents === 0)
    for (let i = 2; i <= 6; i += 1) writer.write(numbered(i, 1))
    resolve()
    expect(await writer.flush()).toBe(true)
    expect(stream.batches.map((batch) => batch.length)).toEqual([1, 1, 5])
    expect(stream.ids).toEqual(ids(0, 7))
  })

  it('tries again until the stream takes the events, in order, and tells of it once', async () => {
    const { writer, stream, states } = aWriter()
    stream.fail = 'all'
    writer.write(numbered(0, 3))
    await until('it has tried a few times', () => writer.stats.retries >= 4 && writer.stats.state === 'holding')
    writer.write(numbered(3, 3))
    stream.fail = undefined
    expect(await writer.flush()).toBe(true)
    expect(stream.ids).toEqual(ids(0, 6))
    expect(states).toEqual(['holding', 'writing'])
  })

  it('sends again only what was not stored', async () => {
    const { writer, stream } = aWriter()
    let refusals = 3
    stream.fail = ({ event_id: id }) => id === '1' && (refusals -= 1) > 0
    writer.write(numbered(0, 3))
    expect(await writer.flush()).toBe(true)
    expect(stream.ids.toSorted()).toEqual(ids(0, 3))
    expect(writer.stats.written).toBe(3)
  })

  it('gives up at once what is refused for good, and announces it', async () => {
    const { writer, stream, states } = aWriter()
    stream.reject = ({ event_id: id }) => id === '1'
    writer.write(numbered(0, 3))
    expect(await writer.flush()).toBe(true)
    const [gap, ...others] = stream.batches.flat().toSorted((a, b) => b.event_id.length - a.event_id.length)
    expect(gap).toMatchObject({ event_type: 'telemetry_gap', payload: { dropped: 1, reason: 'too_large' } })
    expect(others.map(({ event_id: id }) => id)).toEqual(['0', '2'])
    expect(writer.stats).toMatchObject({ written: 3, retries: 0, dropped: { too_large: 1 } })
    expect(states).toEqual([])
  })

  it('opens the stream again when it could not be opened', async () => {
    const stream = new RecordingStream()
    let attempts = 0
    const open = () => ((attempts += 1) < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve(stream.asStream()))
    const { writer } = aWriter({ open })
    writer.write(numbered(0, 1))
    expect(await writer.flush()).toBe(true)
    expect(attempts).toBe(3)
  })

  it('drops detail before structure when it is full, counts it, and announces the gap before what follows', async () => {
    const { writer, stream } = aWriter({ maxQueueEvents: 4, tenantId: 'team' })
    stream.fail = 'all'
    const kinds = [
      'llm_call',
      'heartbeat',
      'llm_call_started',
      'llm_call',
      'agent_decision',
      'agent_execution_completed',
    ] as const
    // The first write takes the queue for itself, so that what comes afterwards fills it.
    writer.write(kinds.map((type, index) => anEvent({ event_id: `${type}-${index}`, event_type: type })))
    await until('it has tried', () => writer.stats.retries > 0)
    stream.fail = undefined
    expect(await writer.flush()).toBe(true)
    const written = stream.batches.flat()
    const gap = written.find(({ event_type: type }) => type === 'telemetry_gap')
    expect(gap).toMatchObject({ tenant_id: 'team', payload: { dropped: 2, reason: 'queue_full' } })
    expect(written.filter((event) => event !== gap).map(({ event_type: type }) => type)).toEqual([
      'llm_call', 'llm_call', 'agent_decision', 'agent_execution_completed',
    ]) // prettier-ignore
    expect(writer.stats.dropped).toEqual({ queue_full: 2, unencodable: 0, too_large: 0, closed: 0 })
  })

  it('accounts for every event: written plus announced is produced', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 30 }),
        fc.integer({ min: 3, max: 10 }),
        async (sizes, room) => {
          const { writer, stream } = aWriter({ maxQueueEvents: room })
          let produced = 0
          stream.fail = 'all'
          for (const size of sizes) {
            writer.write(numbered(produced, size))
            produced += size
          }
          stream.fail = undefined
          expect(await writer.flush()).toBe(true)
          const written = stream.batches.flat()
          const announced = written.reduce((sum, { payload }) => sum + Number(payload['dropped'] ?? 0), 0)
          expect(written.filter(({ event_type: type }) => type === 'llm_call').length + announced).toBe(produced)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('gives up a flush when the time is over, and keeps the events', async () => {
    const { writer, stream } = aWriter()
    stream.fail = 'all'
    writer.write(numbered(0, 2))
    expect(await writer.flush(20)).toBe(false)
    expect(writer.stats.queuedEvents + stream.ids.length).toBe(2)
  })

  it('counts what it could not write when it is closed, and what comes after', async () => {
    const { writer, stream } = aWriter()
    stream.fail = 'all'
    writer.write(numbered(0, 2))
    expect(await writer.close(20)).toBe(false)
    writer.write(numbered(2, 1))
    expect(writer.stats.dropped.closed).toBe(3)
    expect(stream.closed).toBe(true)
  })
})

describe('the event queue', () => {
  it('stays within its bytes and its number whatever is added', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 5_000 }), { maxLength: 60 }), (texts) => {
        const queue = new EventQueue({ maxBytes: 20_000, maxEvents: 12 })
        let kept = 0
        for (const text of texts) kept += 1 - queue.add(anEvent({ payload: { text } })).length
        expect(queue.bytes).toBeLessThanOrEqual(20_000)
        expect(queue.length).toBeLessThanOrEqual(12)
        expect(queue.length).toBe(kept)
        expect(queue.front(100, 1e9)).toHaveLength(kept)
        queue.remove(kept)
        expect(queue.bytes).toBe(0)
      }),
    )
  })
})
