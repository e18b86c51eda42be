import { isPredecessorType } from '../events/event-types.ts'
import { topicBits } from '../protocol/subscriptions.ts'
import type { SubscriptionName } from '../protocol/subscriptions.ts'
import type { EventFacts } from './feed/event-facts.ts'

/** What events have to be of, each by one of these; without it by any. */
export interface Selection {
  readonly type?: readonly string[]
  readonly session?: readonly string[]
  readonly user?: readonly string[]
  readonly trace?: readonly string[]
}

interface Choice {
  readonly userId: string
  readonly dialect: 0 | 1
  /** Absent: everything, until the client first subscribes to something. */
  readonly subscriptions?: readonly SubscriptionName[]
  readonly agents?: readonly string[]
  readonly threshold?: number
  readonly only?: Selection
}

/** What a client wants to see of what it may see: a value, compiled once. Convenience, never security: that is `maySee`. */
export class EventFilter {
  readonly subscriptions: readonly SubscriptionName[]
  readonly agents: readonly string[]
  readonly threshold: number
  readonly #choice: Choice
  readonly #topics: number
  readonly #isOwn: boolean
  readonly #agents: ReadonlySet<string>
  readonly #only: Readonly<Record<keyof Selection, ReadonlySet<string> | undefined>>

  constructor(choice: Choice) {
    this.#choice = choice
    this.subscriptions = [...new Set(choice.subscriptions ?? ['all_events' as const])]
    this.agents = [...new Set(choice.agents)]
    this.threshold = choice.threshold ?? 0
    this.#topics = topicBits(this.subscriptions)
    this.#isOwn = this.subscriptions.includes('user_specific')
    this.#agents = new Set(this.agents)
    const { type, session, user, trace } = choice.only ?? {}
    this.#only = { type: setOf(type), session: setOf(session), user: setOf(user), trace: setOf(trace) }
  }

  /** Equal for filters that let the same events through. */
  get key(): string {
    const { userId, dialect } = this.#choice
    const own = this.#isOwn ? userId : null
    const only = Object.values(this.#only).map((values) => values && [...values].sort())
    return JSON.stringify([dialect, this.#topics, own, this.agents.toSorted(), this.threshold, only])
  }

  subscribe(name: SubscriptionName): EventFilter {
    return new EventFilter({ ...this.#choice, subscriptions: [...(this.#choice.subscriptions ?? []), name] })
  }

  unsubscribe(name: SubscriptionName): EventFilter {
    return new EventFilter({ ...this.#choice, subscriptions: this.subscriptions.filter((other) => other !== name) })
  }

  /** What is left out goes back to no filter, as it did in the predecessor. */
  update(agents: readonly string[] = [], threshold = 0): EventFilter {
    return new EventFilter({ ...this.#choice, agents, threshold })
  }

  /** All that the same client may be given of these types, whatever it subscribes to. */
  everything(types: readonly string[]): EventFilter {
    const { userId, dialect } = this.#choice
    return new EventFilter({ userId, dialect, only: { type: types } })
  }

  wants(facts: EventFacts): boolean {
    // Clients of the compatible dialect get the 13 old types only: old readers break on others.
    if (this.#choice.dialect === 0 && !isPredecessorType(facts.type)) return false
    if ((facts.topics & this.#topics) === 0 && !(this.#isOwn && facts.user_id === this.#choice.userId)) return false
    if (facts.score !== undefined && facts.score < this.threshold) return false
    if (!isAmong(this.#only.type, facts.type)) return false
    // What was lost may concern every agent, session, user and trace: it is told whatever the filter.
    return facts.type === 'telemetry_gap' || (this.#namesAgent(facts) && this.#selects(facts))
  }

  #namesAgent({ source_agent: source, targetId }: EventFacts): boolean {
    if (this.#agents.size === 0) return true
    return (source !== null && this.#agents.has(source.id)) || (targetId !== undefined && this.#agents.has(targetId))
  }

  #selects({ session_id: session, user_id: user, trace_id: trace }: EventFacts): boolean {
    const only = this.#only
    return isAmong(only.session, session) && isAmong(only.user, user) && isAmong(only.trace, trace)
  }
}

function setOf(values: readonly string[] = []): ReadonlySet<string> | undefined {
  return values.length === 0 ? undefined : new Set(values)
}

function isAmong(values: ReadonlySet<string> | undefined, value: string | null): boolean {
  return values === undefined || (value !== null && values.has(value))
}
