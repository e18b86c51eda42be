import { isPredecessorType } from '../events/event-types.ts'
import { topicBits } from '../protocol/subscriptions.ts'
import type { SubscriptionName } from '../protocol/subscriptions.ts'
import type { EventItem } from './feed/feed-item.ts'

interface Choice {
  readonly userId: string
  readonly dialect: 0 | 1
  /** Absent: everything, until the client first subscribes to something. */
  readonly subscriptions?: readonly SubscriptionName[]
  readonly agents?: readonly string[]
  readonly threshold?: number
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

  constructor(choice: Choice) {
    this.#choice = choice
    this.subscriptions = [...new Set(choice.subscriptions ?? ['all_events' as const])]
    this.agents = [...new Set(choice.agents)]
    this.threshold = choice.threshold ?? 0
    this.#topics = topicBits(this.subscriptions)
    this.#isOwn = this.subscriptions.includes('user_specific')
    this.#agents = new Set(this.agents)
  }

  /** Equal for filters that let the same events through. */
  get key(): string {
    const { userId, dialect } = this.#choice
    const own = this.#isOwn ? userId : null
    return JSON.stringify([dialect, this.#topics, own, this.agents.toSorted(), this.threshold])
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

  /** Clients of the compatible dialect get the 13 old types only: old readers break on others. */
  knows(type: string): boolean {
    return this.#choice.dialect === 1 || isPredecessorType(type)
  }

  wants(item: EventItem): boolean {
    if (!this.knows(item.type)) return false
    if ((item.topics & this.#topics) === 0 && !(this.#isOwn && item.user_id === this.#choice.userId)) return false
    if (item.score !== undefined && item.score < this.threshold) return false
    // What was lost concerns every agent: it is told whatever the filter.
    return this.#agents.size === 0 || item.type === 'telemetry_gap' || this.#namesAgent(item)
  }

  #namesAgent({ source_agent: source, targetId }: EventItem): boolean {
    return (source !== null && this.#agents.has(source.id)) || (targetId !== undefined && this.#agents.has(targetId))
  }
}
