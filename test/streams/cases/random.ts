import fc from 'fast-check'
import { expect } from 'vitest'
import { PositionLostError } from '../../../src/streams/event-stream.ts'
import type { EventStream, StreamPosition } from '../../../src/streams/event-stream.ts'
import { anEvent } from '../../support/events.ts'
import { idsOf } from './opened-stream.ts'
import type { Check } from './opened-stream.ts'

const step = fc.oneof(
  fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('trim' as const), count: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ do: fc.constant('read' as const), count: fc.integer({ min: 1, max: 3 }) }),
)

export function randomCases(check: Check): void {
  check('delivers or announces every event, in order, whatever is trimmed meanwhile', async ({ stream, trim }) => {
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
