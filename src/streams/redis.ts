import { AurenError } from '../errors.ts'
import type { AurenEvent } from '../events/event.ts'
import { appendError } from './event-stream.ts'
import type { EventPage, EventStream, ReadOptions, StreamEntry, StreamInfo, StreamPosition } from './event-stream.ts'
import { PendingWork } from './pending-work.ts'
import { RedisBell } from './redis-bell.ts'
import { RedisLogs } from './redis-logs.ts'
import { joinPositions } from './redis-places.ts'
import { toPosition } from './redis-state.ts'
import { redisTarget } from './redis-target.ts'

export interface RedisStreamOptions {
  /** Key of the stream, default `auren:events`. Beside it stands the hash `<key>:meta`. */
  readonly key?: string
  /** Keys `<key>:{0}`, `<key>:{1}`, … over which traces are spread, default 1: the key itself. */
  readonly streams?: number
  /** Entries kept in all, default 50,000. Redis trims whole nodes (`MAXLEN ~`), so some more may stand. */
  readonly maxLength?: number
  /** Whether open connections keep the process alive, default true. */
  readonly holdsProcess?: boolean
  /**
   * Whether the position of an append tells how many were written before it, so that what is lost behind it can be counted;
   * default true. Who only writes does not need it, and appends cost less.
   */
  readonly countsAppends?: boolean
  /** Milliseconds that Redis has for an answer or a connection, default 5,000. */
  readonly timeoutMs?: number
}

/**
 * Events in one stream of Redis, or in several that divide the traces among them: then order holds within a trace, and a
 * page is ordered by time across them. Reads use no consumer group: every reader sees everything.
 */
export function redisStream(url: string, options: RedisStreamOptions = {}): EventStream {
  return new RedisStream(url, options)
}

class RedisStream implements EventStream {
  readonly name: string
  readonly #maxLength: number
  readonly #logs: RedisLogs
  readonly #bell: RedisBell
  readonly #closing = new AbortController()
  readonly #pending = new PendingWork()
  /** Behind the last page that was the end of the stream: who goes on from there waits first, and looks then. */
  #end: StreamPosition | undefined

  constructor(url: string, options: RedisStreamOptions) {
    const { key = 'auren:events', streams = 1, maxLength = 50_000, countsAppends = true, timeoutMs } = options
    const { holdsProcess = true } = options
    const target = redisTarget(url)
    this.name = `${target.name} ${streams === 1 ? key : `${key} in ${streams} keys`}`
    this.#maxLength = maxLength
    this.#logs = new RedisLogs(target, { key, streams, maxLength, countsAppends, holdsProcess, timeoutMs })
    this.#bell = new RedisBell(target, holdsProcess)
  }

  async append(events: readonly AurenEvent[]): Promise<StreamPosition> {
    this.#assertOpen()
    try {
      return await this.#pending.track(this.#logs.append(events))
    } catch (error) {
      throw appendError(events, error)
    }
  }

  async read(after: StreamPosition, { limit = 500, waitMs = 0, signal }: ReadOptions = {}): Promise<EventPage> {
    const deadline = performance.now() + waitMs
    const stop = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal
    this.#assertOpen()
    let page = after === this.#end && waitMs > 0 ? nothingAfter(after) : undefined
    for (;;) {
      page ??= await this.#whileOpen(() => this.#logs.page(after, Math.max(1, limit)))
      const left = Math.ceil(deadline - performance.now())
      if (page.entries.length > 0 || page.malformed > 0 || left <= 0 || stop.aborted) return this.#passed(page)
      await this.#bell.wait(this.#logs.entryIds(page.next), left, stop)
      if (stop.aborted) return page
      page = undefined
    }
  }

  async recent(limit: number, before?: StreamPosition): Promise<readonly StreamEntry[]> {
    return this.#whileOpen(() => (limit > 0 ? this.#logs.recent(limit, before) : Promise.resolve([])))
  }

  async info(): Promise<StreamInfo> {
    const [states, areMore] = await this.#whileOpen(() => Promise.all([this.#logs.states(), this.#logs.areMore()]))
    if (areMore) throw new AurenError('AUREN_STREAM_DIVIDED_OTHERWISE')
    const at = (place: 'first' | 'last') => joinPositions(states.map((state) => toPosition(state, state[place])))
    const [first, last] = [at('first'), at('last')]
    return {
      epoch: last.epoch,
      length: states.reduce((sum, { length }) => sum + length, 0),
      first,
      recent: first,
      last,
      maxLength: this.#maxLength,
      ordering: states.length === 1 ? 'total' : 'partition',
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#pending.settled()
    this.#bell.close()
    this.#logs.disconnect()
  }

  #passed(page: EventPage): EventPage {
    if (page.isEnd) this.#end = page.next
    return page
  }

  /** A read that closing cuts off is answered like any call that comes later. */
  async #whileOpen<T>(read: () => Promise<T>): Promise<T> {
    this.#assertOpen()
    try {
      return await read()
    } catch (error) {
      this.#assertOpen()
      throw error
    }
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new AurenError('AUREN_STREAM_CLOSED')
  }
}

function nothingAfter(position: StreamPosition): EventPage {
  return { epoch: position.epoch, entries: [], malformed: 0, next: position, isEnd: true }
}
