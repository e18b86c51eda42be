import type { Gap, ResumeResult, ServerMessage } from '../protocol/server-messages.ts'
import { runSubscriptions, summarySubscriptions } from '../protocol/subscriptions.ts'
import { Budget } from './delivery/budget.ts'
import type { Reader } from './delivery/reader.ts'
import type { Sink } from './delivery/sink.ts'
import { Subscriber } from './delivery/subscriber.ts'
import type { Source } from './delivery/subscriber.ts'
import { viewOf } from './delivery/view.ts'
import type { View } from './delivery/view.ts'
import type { EventFilter } from './event-filter.ts'
import type { Principal } from './principal.ts'

/** What a viewer needs of the gateway around it. */
export interface ViewerHost {
  readonly source: Source
  delivered(events: number): void
  dropped(reason: 'rate_limit' | 'slow_consumer', events: number): void
  resumed(outcome: 'ok' | NonNullable<ResumeResult['reason']>): void
}

/** Who watches over one connection, what they want to see, and where they stand in the feed. */
export class Viewer implements Reader {
  readonly sink: Sink
  readonly #host: ViewerHost
  readonly #send: (message: ServerMessage) => void
  readonly #subscriber: Subscriber
  #principal: Principal
  #filter: EventFilter
  #budget: Budget | undefined

  constructor(
    host: ViewerHost,
    who: { readonly principal: Principal; readonly filter: EventFilter },
    to: { readonly sink: Sink; readonly send: (message: ServerMessage) => void },
  ) {
    this.#host = host
    this.#principal = who.principal
    this.#filter = who.filter
    this.sink = to.sink
    this.#send = to.send
    this.#budget = this.#newBudget()
    this.#subscriber = new Subscriber(host.source, this)
  }

  get principal(): Principal {
    return this.#principal
  }

  get budget(): Budget | undefined {
    return this.#budget
  }

  get filter(): EventFilter {
    return this.#filter
  }

  get view(): View {
    return viewOf(this.#principal, this.#filter)
  }

  get eventsSent(): number {
    return this.#subscriber.eventsSent
  }

  get wantsSummary(): boolean {
    return this.#filter.subscriptions.some((name) => summarySubscriptions.includes(name))
  }

  /** Agents of whose runs it is told; none: of all runs. Undefined for who follows no runs. */
  get followedAgents(): readonly string[] | undefined {
    const { subscriptions, agents } = this.#filter
    const isTold = this.sink.encoding.name !== 'v0' && subscriptions.some((name) => runSubscriptions.includes(name))
    return isTold ? agents : undefined
  }

  /** Cursor of the newest event that was looked at for this viewer. */
  get cursor(): string | undefined {
    return this.#subscriber.cursor
  }

  /** Milliseconds for which the client has taken nothing of what waits for it, and how many events more there are. */
  get stall(): { readonly ms: number; readonly lag: number } {
    return { ms: this.#subscriber.blockedMs, lag: this.#subscriber.lag }
  }

  /** Sends what comes behind the cursor, or what happens from now on. */
  start(resume: string | undefined): void {
    this.#subscriber.start(resume)
  }

  choose(filter: EventFilter): void {
    this.#filter = filter
    this.#subscriber.look(this.view)
  }

  /** The same person with a new token, which may allow more or less. */
  become(principal: Principal): void {
    const isOtherBudget = principal.maxEventsPerMinute !== this.#principal.maxEventsPerMinute
    this.#principal = principal
    // The same budget goes on: otherwise each new token would fill it up.
    if (isOtherBudget) {
      this.announceSkipped()
      this.#budget = this.#newBudget()
    }
    this.#subscriber.look(this.view)
  }

  send(message: ServerMessage): void {
    this.#send(message)
  }

  /** Tells of events that the budget left out, when none came after them that would. */
  announceSkipped(): void {
    const isTold = this.sink.encoding.name !== 'v0'
    const skipped = isTold ? (this.budget?.settle() ?? 0) : 0
    if (skipped > 0) this.send({ type: 'gap', reason: 'rate_limit', missed: skipped } satisfies Gap)
  }

  delivered(events: number): void {
    this.#host.delivered(events)
  }

  resumed(outcome: Parameters<ViewerHost['resumed']>[0]): void {
    this.#host.resumed(outcome)
  }

  close(): void {
    this.#subscriber.close()
  }

  #newBudget(): Budget | undefined {
    const { maxEventsPerMinute: perMinute } = this.#principal
    return perMinute === null ? undefined : new Budget(perMinute, () => this.#host.dropped('rate_limit', 1))
  }
}
