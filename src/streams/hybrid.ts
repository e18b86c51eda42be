import { AurenError } from '../errors.ts'
import type { AurenErrorCode } from '../errors.ts'
import type { AurenEvent } from '../events/event.ts'
import { appendError, joined } from './event-stream.ts'
import type { EventPage, EventStream, ReadOptions, StreamEntry, StreamInfo, StreamPosition } from './event-stream.ts'

export interface HybridOptions {
  /** Milliseconds for which a stream may be unreadable before the next one is read. Default for ever. */
  readonly fallBackMs?: number
  /** Told the name of the stream that is read from now on. */
  readonly onSwitch?: (name: string) => void
}

/** What a stream that is away answers; what is asked wrongly is wrong of every stream. */
const outages: ReadonlySet<AurenErrorCode> = new Set([
  'AUREN_STREAM_UNAVAILABLE',
  'AUREN_STREAM_REFUSED',
  'AUREN_STREAM_FULL',
  'AUREN_STREAM_WRONG_TYPE',
])

/**
 * Several streams of the same events. The first is read. Where it may fall back and the first is away for too long, the next
 * is read, and the first again when it is back. Streams have different orders and positions, so a hand-over begins where the
 * reader that waits stood in that stream when it left it, else with what is recent: nothing is left out, and readers know by
 * the event id what they have seen.
 */
export class HybridStream implements EventStream {
  readonly name: string
  readonly parts: readonly EventStream[]
  readonly #options: HybridOptions
  /** Epoch → the stream that has it. */
  readonly #owners = new Map<string, EventStream>()
  /** Where the reader that waits stood. */
  readonly #tails = new Map<EventStream, StreamPosition>()
  #current: EventStream
  #awaySince: number | undefined
  #lookedAt = -Infinity
  #isBack = false
  #closed = false

  constructor(parts: readonly [EventStream, ...EventStream[]], options: HybridOptions = {}) {
    this.name = parts.map(({ name }) => name).join(',')
    this.parts = parts
    this.#options = options
    this.#current = parts[0]
  }

  /** To all of them at once. Who writes steadily gives each of `parts` a queue of its own. */
  async append(events: readonly AurenEvent[]): Promise<StreamPosition> {
    if (this.#closed) throw new AurenError('AUREN_STREAM_CLOSED')
    const outcomes = await Promise.allSettled(this.parts.map((part) => part.append(events)))
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
    const [first] = outcomes
    if (first?.status === 'fulfilled' && errors.length === 0) return first.value
    throw joined(events, errors.map((error) => appendError(events, error))) // prettier-ignore
  }

  read(after: StreamPosition, options: ReadOptions = {}): Promise<EventPage> {
    return this.#try(async (part) => {
      const page = await part.read(await this.#placeIn(part, after), options)
      this.#owners.set(page.epoch, part)
      if ((options.waitMs ?? 0) > 0) this.#tails.set(part, page.next)
      return page
    })
  }

  recent(limit: number, before?: StreamPosition): Promise<readonly StreamEntry[]> {
    return this.#try((part) => part.recent(limit, before))
  }

  info(): Promise<StreamInfo> {
    return this.#try((part) => this.#infoOf(part))
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.parts.map((part) => part.close()))
  }

  async #infoOf(part: EventStream): Promise<StreamInfo> {
    const info = await part.info()
    this.#owners.set(info.epoch, part)
    return info
  }

  /** The position itself, unless it is one of another of the streams. */
  async #placeIn(part: EventStream, position: StreamPosition): Promise<StreamPosition> {
    const owner = this.#owners.get(position.epoch)
    if (owner === undefined || owner === part) return position
    return this.#tails.get(part) ?? (await this.#infoOf(part)).recent
  }

  async #try<T>(work: (part: EventStream) => Promise<T>): Promise<T> {
    this.#lookForFirst()
    const part = this.#current
    try {
      const result = await work(part)
      if (part === this.#current) this.#awaySince = undefined
      return result
    } catch (error) {
      if (!(error instanceof AurenError) || !outages.has(error.code)) throw error
      if (part === this.#current && !(await this.#fallBack(part))) throw error
      return work(this.#current)
    }
  }

  /** Whether another stream is read now. */
  async #fallBack(away: EventStream): Promise<boolean> {
    const now = performance.now()
    this.#awaySince ??= now
    if (now - this.#awaySince < (this.#options.fallBackMs ?? Infinity)) return false
    for (const part of this.parts) {
      if (part === away || !(await isThere(part))) continue
      if (this.#current === away) this.#switchTo(part)
      return true
    }
    return false
  }

  /** Goes back to the first when it has answered twice in a row, as long apart as it may be away. */
  #lookForFirst(): void {
    const [first] = this.parts
    const { fallBackMs = Infinity } = this.#options
    if (first === undefined || first === this.#current || performance.now() - this.#lookedAt < fallBackMs) return
    this.#lookedAt = performance.now()
    void isThere(first).then((isBack) => {
      if (isBack && this.#isBack && this.#current !== first) this.#switchTo(first)
      else this.#isBack = isBack
    })
  }

  #switchTo(part: EventStream): void {
    this.#current = part
    this.#awaySince = undefined
    this.#isBack = false
    this.#options.onSwitch?.(part.name)
  }
}

async function isThere(part: EventStream): Promise<boolean> {
  return part.info().then(
    () => true,
    () => false,
  )
}
