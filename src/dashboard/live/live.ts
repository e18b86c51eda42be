import { connect } from '../../client/live-client.ts'
import type { LiveClient } from '../../client/live-client.ts'
import { FrameStore } from '../state/frame-store.ts'
import type { Schedule } from '../state/frame-store.ts'
import type { Input } from '../state/input.ts'
import { addedTypes } from '../state/totals.ts'
import { GatewayApi, GatewayError } from './gateway-api.ts'
import type { EventsAnswer } from './gateway-api.ts'
import { keepToken } from './session-token.ts'

/** Events of the past, and runs, that are asked for at the beginning. */
const pastEvents = 1_000
const pastRuns = 200
/** Milliseconds between questions for the summary, between pings, and between tries when the gateway is not there. */
const summaryMs = 10_000
const pingMs = 5_000
const retryMs = 1_000
/** Milliseconds between two drawings of what comes in a stream, and on a page that nobody sees. */
const drawMs = 100
const hiddenMs = 1_000

/** The page's connection: signs in and out, reads what was, follows what happens, and puts all of it into the store. */
export class Live {
  readonly store = new FrameStore(atNextFrame())
  readonly api: GatewayApi
  readonly #address: string
  #token: string | undefined
  #client: LiveClient | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `address` is where the page was served from, with a slash at its end. */
  constructor(address: string) {
    this.#address = address
    this.api = new GatewayApi(address, () => this.#token ?? '')
  }

  /** Without a token it asks for one. */
  signIn(token: string | undefined): void {
    this.#stop()
    this.#token = token
    keepToken(token)
    this.store.clear()
    if (token === undefined) this.#tell({ type: 'signed_out', reason: undefined, at: Date.now() })
    else void this.#start(token)
  }

  signOut(): void {
    this.signIn(undefined)
  }

  /** Goes on with another token of the same person, before the old one runs out. */
  renew(token: string): void {
    this.#token = token
    keepToken(token)
    void this.#client?.refresh()
  }

  gapRead(): void {
    this.#tell({ type: 'gap_read' })
  }

  /** The steps of a run that ended before the page was opened. Resolves to whether anything is known of it. */
  async loadRun(traceId: string): Promise<boolean> {
    const run = await this.api.run(traceId).catch(() => undefined)
    if (run !== undefined) this.#tell({ type: 'run', run })
    return run !== undefined
  }

  /** What was, then what happens from exactly there on. */
  async #start(token: string): Promise<void> {
    this.#tell({ type: 'client', state: 'connecting', reason: undefined, at: Date.now() })
    let past: EventsAnswer
    let added: EventsAnswer
    try {
      ;[past, added] = await Promise.all([
        this.api.events({ limit: pastEvents }),
        this.api.events({ limit: pastEvents, type: addedTypes }),
      ])
    } catch (error) {
      if (this.#token === token) this.#failed(error, token)
      return
    }
    if (this.#token !== token) return
    // Without a place to go on from, what happens until the gateway has one would be missing in silence.
    if (past.next === undefined) return this.#failed(new GatewayError(503, 'it has not read its stream yet'), token)
    this.#tell({ type: 'history', events: past.events.toReversed(), before: past.before })
    this.#tell({ type: 'past', events: added.events, since: beginOf(added) })
    this.#follow(past.next)
    this.#askSummary()
  }

  #failed(error: unknown, token: string): void {
    const { status, message } = error instanceof GatewayError ? error : new GatewayError(0, 'no answer')
    const at = Date.now()
    if (status === 401 || status === 403) {
      keepToken(undefined)
      return this.#tell({ type: 'signed_out', reason: message, at })
    }
    this.#tell({ type: 'unreachable', reason: message, at })
    this.#timer = setTimeout(() => void this.#start(token), retryMs * (0.5 + Math.random()))
  }

  #follow(cursor: string): void {
    const client: LiveClient = connect({
      url: this.#address,
      token: () => this.#token ?? '',
      resume: cursor,
      maxBuffered: 0,
      pingMs,
      onState: (state, reason) => {
        if (this.#client === client) this.#tell({ type: 'client', state, reason, at: Date.now() })
      },
      onMessage: (message) => {
        if (this.#client !== client) return
        this.#tell({ type: 'message', message, at: Date.now() })
        // The snapshot has the open runs: of those that ended meanwhile only this tells.
        if (message.type === 'snapshot') void this.#askRuns()
      },
    })
    this.#client = client
  }

  async #askRuns(): Promise<void> {
    const token = this.#token
    const answer = await this.api.runs(pastRuns).catch(() => undefined)
    if (answer !== undefined && token === this.#token) this.#tell({ type: 'runs', runs: answer.runs.toReversed() })
  }

  #askSummary(): void {
    const token = this.#token
    const answered = this.api.summary().then(
      (summary) => (token === this.#token ? this.#tell({ type: 'summary', summary }) : undefined),
      () => undefined,
    )
    void answered.then(() => {
      if (token === this.#token) this.#timer = setTimeout(() => this.#askSummary(), summaryMs)
    })
  }

  #stop(): void {
    clearTimeout(this.#timer)
    const client = this.#client
    this.#client = undefined
    client?.close()
  }

  #tell(input: Input): void {
    this.store.add(input)
  }
}

/** From when on an answer has everything; undefined where it has all that there is. */
function beginOf({ events, truncated }: EventsAnswer): number | undefined {
  if (truncated !== true && events.length < pastEvents) return undefined
  return Date.parse(events.at(-1)?.timestamp ?? '') || Date.now()
}

/**
 * What comes alone is shown in the next frame; what comes in a stream ten times a second, which leaves the frames between for
 * scrolling. A hidden page draws no frames, and goes on counting all the same.
 */
function atNextFrame(): Schedule {
  let last = 0
  return (run) => {
    const draw = () => {
      last = performance.now()
      run()
    }
    let frame = 0
    const pause = setTimeout(() => (frame = requestAnimationFrame(draw)), last + drawMs - performance.now())
    const hidden = setTimeout(draw, hiddenMs)
    return () => {
      clearTimeout(pause)
      clearTimeout(hidden)
      cancelAnimationFrame(frame)
    }
  }
}
