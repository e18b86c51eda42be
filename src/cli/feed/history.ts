import { socketUrl } from '../../client/live-client.ts'
import type { AurenEvent } from '../../events/event.ts'
import type { Gap } from '../../protocol/server-messages.ts'
import { CommandError } from '../command-error.ts'

interface Answer {
  /** Newest first; with `after` oldest first. */
  readonly events: readonly AurenEvent[]
  readonly next?: string
  readonly more?: boolean
  readonly gap?: Gap
}

/** Events that one answer of the gateway holds at most. */
const pageSize = 1_000
/** Milliseconds for one answer. */
const timeoutMs = 10_000

/** Events that a gateway has of before, the oldest first. Rejects with a {@link CommandError} when it does not give them. */
export class History {
  readonly #url: string
  readonly #token: string
  readonly #onGap: (gap: Gap) => void
  #cursor: string | undefined

  constructor(url: string, token: string, onGap: (gap: Gap) => void) {
    this.#url = socketUrl(url).replace(/^ws/, 'http')
    this.#token = token
    this.#onGap = onGap
  }

  /** Behind what was given so far: where the live feed is to go on, so that every event comes once and in order. */
  get cursor(): string | undefined {
    return this.#cursor
  }

  /** The newest that are wanted, at most `count`, of the last 1,000. */
  async *newest(count: number, isWanted: (event: AurenEvent) => boolean): AsyncIterable<AurenEvent> {
    const { events, next } = await this.#ask({})
    // What came while it was asked is in both answers, and in order in the second.
    const later: AurenEvent[] = []
    if (next !== undefined) for await (const event of this.after(next)) later.push(event)
    const laterIds = new Set(later.map(({ event_id: id }) => id))
    const earlier = events.filter(({ event_id: id }) => !laterIds.has(id)).reverse()
    yield* [...earlier, ...later].filter(isWanted).slice(-count)
  }

  /** All since a time, in milliseconds since the epoch, that the stream still has. */
  async *since(time: number): AsyncIterable<AurenEvent> {
    for await (const event of this.after('earliest')) if (Date.parse(event.timestamp) >= time) yield event
  }

  /** All behind a place of the stream. */
  async *after(cursor: string): AsyncIterable<AurenEvent> {
    this.#cursor = cursor
    for (let isMore = true; isMore;) {
      const { events, next, more, gap } = await this.#ask({ after: this.#cursor })
      if (gap !== undefined) this.#onGap(gap)
      yield* events
      this.#cursor = next ?? this.#cursor
      isMore = more === true
    }
  }

  async #ask(query: Readonly<Record<string, string>>): Promise<Answer> {
    const url = new URL('api/events', this.#url)
    url.search = new URLSearchParams({ limit: String(pageSize), ...query }).toString()
    const headers = { authorization: `Bearer ${this.#token}` }
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await fetch(url, { headers, signal }).catch((error: unknown) => {
      const cause = error instanceof Error ? (error.cause ?? error) : error
      throw new CommandError(`${this.#url} cannot be reached (${String(cause)}); is \`auren gateway\` running?`)
    })
    if (response.status === 401) throw new CommandError(refused)
    if (!response.ok) throw new CommandError(`${this.#url} answers ${response.status} to a question for earlier events`)
    return (await response.json()) as Answer
  }
}

const refused = 'the gateway refuses the token; `auren token` makes one, for --token or AUREN_TOKEN'
