import { once } from 'node:events'
import { matches } from '../client/event-match.ts'
import { connect } from '../client/live-client.ts'
import type { ClientState, LiveClient } from '../client/live-client.ts'
import { gapReasons, missingEvents } from '../client/missing-events.ts'
import { AurenError } from '../errors.ts'
import type { AurenEvent } from '../events/event.ts'
import { eventTypes } from '../events/event-types.ts'
import type { Gap } from '../protocol/server-messages.ts'
import { CommandError } from './command-error.ts'
import { eventLine } from './feed/event-line.ts'
import { FeedSummary } from './feed/feed-summary.ts'
import { History } from './feed/history.ts'
import { lookOf } from './feed/terminal.ts'
import type { ColourChoice } from './feed/terminal.ts'

export interface TailArguments {
  readonly url: string
  readonly token: string
  readonly agent: readonly string[]
  readonly type: readonly string[]
  readonly session?: string
  readonly user?: string
  readonly text?: string
  /** Milliseconds. */
  readonly slower?: number
  /** USD. */
  readonly costlier?: number
  readonly failed?: true
  readonly tail: number
  /** Milliseconds since the epoch. */
  readonly since?: number
  readonly resume?: string
  readonly follow: boolean
  readonly json?: true
  readonly color: ColourChoice
  /** Milliseconds. */
  readonly summary?: number
}

/** `auren tail`: prints events until Ctrl-C. Survives restarts of the gateway; ends when the token is refused. */
export async function runTail(options: TailArguments): Promise<void> {
  checkTypes(options.type)
  const summary = new FeedSummary()
  const tellSummary = () => tell(summary.toString())
  // The reader of the pipe is gone, as with `| head`: that is an end, not an error.
  process.stdout.on('error', () => process.exit(0))
  process.on('SIGUSR2', tellSummary)
  const timer = options.summary === undefined ? undefined : setInterval(tellSummary, options.summary)
  const feed = new Feed(options, summary)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => feed.close())
  try {
    await print(feed.events(), summary, options)
    tellSummary()
    if (feed.position !== undefined) tell(`go on from here with --resume ${feed.position}`)
  } finally {
    clearInterval(timer)
  }
}

async function print(
  events: AsyncIterable<AurenEvent>,
  summary: FeedSummary,
  { json, color }: TailArguments,
): Promise<void> {
  for await (const event of events) {
    summary.take(event)
    const line = json ? JSON.stringify(event) : eventLine(event, lookOf(color))
    // A slow pipe makes events wait in the client, where their number is bounded, instead of here.
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
  }
}

/** What is asked for, of earlier events and then of those that happen: each once and in order, or it is said what is missing. */
class Feed {
  readonly #options: TailArguments
  readonly #summary: FeedSummary
  readonly #history: History
  #client: LiveClient | undefined
  #isClosed = false

  constructor(options: TailArguments, summary: FeedSummary) {
    this.#options = options
    this.#summary = summary
    this.#history = new History(options.url, options.token, (gap) => this.#missGap(gap))
  }

  get position(): string | undefined {
    return this.#client?.position ?? this.#history.cursor ?? this.#client?.connection?.position ?? undefined
  }

  close(): void {
    this.#isClosed = true
    this.#client?.close()
  }

  async *events(): AsyncIterable<AurenEvent> {
    const isWanted = wanted(this.#options)
    for await (const event of this.#earlier(isWanted)) {
      if (this.#isClosed) return
      yield event
    }
    if (this.#isClosed || !this.#options.follow) return
    const client = this.#connect()
    this.#client = client
    for await (const event of client) if (isWanted(event)) yield event
    if (client.reason !== undefined) throw refusal(client)
  }

  async *#earlier(isWanted: (event: AurenEvent) => boolean): AsyncIterable<AurenEvent> {
    const { since, tail, resume, follow } = this.#options
    if (resume !== undefined && follow) return
    try {
      if (resume === undefined && since === undefined) yield* this.#history.newest(tail, isWanted)
      else
        for await (const event of resume === undefined ? this.#history.since(since ?? 0) : this.#history.after(resume))
          if (isWanted(event)) yield event
    } catch (error) {
      // Who follows waits for the gateway, and its connection says what is wrong.
      if (!follow || !(error instanceof CommandError)) throw error
    }
  }

  #connect(): LiveClient {
    const { url, token, agent, resume } = this.#options
    const from = resume ?? this.#history.cursor
    return connect({
      url,
      token,
      ...(agent.length > 0 ? { agents: agent } : {}),
      ...(from === undefined ? {} : { resume: from }),
      onState: createTeller(url),
      onDropped: (count) => this.#miss(count, 'the output was too slow for them'),
      onGap: (gap) => this.#missGap(gap),
    })
  }

  #missGap({ missed, reason }: Gap): void {
    this.#miss(missed, gapReasons[reason])
  }

  #miss(count: number | null, why: string): void {
    this.#summary.miss(count)
    tell(missingEvents(count, why))
  }
}

function tell(text: string): void {
  console.error(`auren: ${text}`)
}

/** What the options ask for. People are not shown that a run still lives, unless they ask for it. */
function wanted(options: TailArguments): (event: AurenEvent) => boolean {
  const { agent: agents, type: types, session, user, text, slower, costlier, failed, json } = options
  const isSilent = (event: AurenEvent) => !json && types.length === 0 && event.event_type === 'heartbeat'
  const wish = { agents, types, session, user, text, slowerThanMs: slower, costlierThan: costlier, failed }
  return (event) => matches(event, wish) && !isSilent(event)
}

/** Says on stderr, with or without --json, what a quiet output cannot say. */
function createTeller(url: string): (state: ClientState, reason: string | undefined) => void {
  let wasLive = false
  return (state, reason) => {
    const why = reason === undefined ? '' : ` (${reason})`
    if (state === 'live') tell(wasLive ? 'connected again' : `connected to ${url}; Ctrl-C ends`)
    if (state === 'reconnecting' && wasLive) tell(`the connection was lost${why}. Trying again`)
    else if (state === 'reconnecting')
      tell(`${url} cannot be reached${why}; is \`auren gateway\` running? Trying again`)
    wasLive ||= state === 'live'
  }
}

function checkTypes(types: readonly string[]): void {
  const known: readonly string[] = eventTypes
  const unknown = types.find((type) => !known.includes(type))
  if (unknown === undefined) return
  throw new AurenError('AUREN_OPTIONS_INVALID', { detail: `--type is one of ${known.join(', ')}` })
}

const tokenReasons: readonly (string | undefined)[] = ['auth_failed', 'token_expired']

function refusal({ reason }: LiveClient): Error {
  if (!tokenReasons.includes(reason)) return new CommandError(`the gateway ended the connection for good (${reason}).`)
  return new AurenError('AUREN_AUTH_FAILED', {
    detail: `${reason}; \`auren token\` makes one, for --token or AUREN_TOKEN`,
  })
}
