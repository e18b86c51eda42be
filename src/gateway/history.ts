import type { AurenEvent } from '../events/event.ts'
import type { EventStream } from '../streams/event-stream.ts'
import type { Source } from './delivery/subscriber.ts'
import { eventsAfter } from './events-after.ts'
import type { AfterQuery, EventsAfter } from './events-after.ts'
import { parseCursor } from './feed/cursor.ts'
import type { Principal } from './principal.ts'
import { recentEvent, recentEvents } from './recent-events.ts'
import type { RecentEvents, RecentQuery } from './recent-events.ts'

/** Questions for what the stream still has. All reject with AUREN_POSITION_INVALID, or as the stream does. */
export class History {
  readonly #stream: EventStream
  readonly #source: Source

  constructor(stream: EventStream, source: Source) {
    this.#stream = stream
    this.#source = source
  }

  async event(principal: Principal, eventId: string): Promise<AurenEvent | undefined> {
    return recentEvent(this.#stream, principal, { eventId, epoch: await this.#epoch() })
  }

  /** The newest, or what stands before a cursor. */
  async recent(query: RecentQuery, before?: string): Promise<RecentEvents> {
    const epoch = await this.#epoch()
    const start = before === undefined ? { epoch } : { epoch, before: parseCursor(before, epoch) }
    return recentEvents(this.#stream, query, start)
  }

  /** What comes behind a cursor, or from `earliest` on. */
  async after(cursor: string, query: Omit<AfterQuery, 'position'>): Promise<EventsAfter> {
    const { first } = cursor === 'earliest' ? await this.#stream.info() : {}
    return eventsAfter(this.#source.archive, { ...query, position: first ?? parseCursor(cursor, await this.#epoch()) })
  }

  async #epoch(): Promise<string> {
    return this.#source.start()?.epoch ?? (await this.#stream.info()).epoch
  }
}
