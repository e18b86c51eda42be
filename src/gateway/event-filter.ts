import type { AurenEvent } from '../events/event.ts'
import { isPredecessorType } from '../events/event-types.ts'
import { covers } from '../protocol/subscriptions.ts'
import type { SubscriptionName } from '../protocol/subscriptions.ts'

/** What a client wants to see of what it may see. Convenience, never security: that is `maySee`. */
export class EventFilter {
  readonly #userId: string
  readonly #dialect: 0 | 1
  readonly #subscriptions: Set<SubscriptionName>
  /** A client that named no subscriptions sees everything until it first subscribes to something. */
  #implicit: boolean
  #agents: ReadonlySet<string> = new Set()
  #threshold = 0

  constructor(userId: string, dialect: 0 | 1, subscriptions: readonly SubscriptionName[] | undefined) {
    this.#userId = userId
    this.#dialect = dialect
    this.#implicit = subscriptions === undefined
    this.#subscriptions = new Set(subscriptions ?? ['all_events'])
  }

  get agents(): readonly string[] {
    return [...this.#agents]
  }

  get threshold(): number {
    return this.#threshold
  }

  get subscriptions(): readonly SubscriptionName[] {
    return [...this.#subscriptions]
  }

  subscribe(name: SubscriptionName): void {
    if (this.#implicit) this.#subscriptions.clear()
    this.#implicit = false
    this.#subscriptions.add(name)
  }

  unsubscribe(name: SubscriptionName): void {
    this.#subscriptions.delete(name)
  }

  /** What is left out goes back to no filter, as it did in the predecessor. */
  update(agents: readonly string[] = [], threshold = 0): void {
    this.#agents = new Set(agents)
    this.#threshold = threshold
  }

  /** Clients of the compatible dialect get the 13 old types only: old readers break on others. */
  knows(type: string): boolean {
    return this.#dialect === 1 || isPredecessorType(type)
  }

  wants(event: AurenEvent): boolean {
    if (!this.knows(event.event_type) || !this.#isSubscribed(event)) return false
    const score = event.performance_metrics?.confidence_score
    if (score !== undefined && score < this.#threshold) return false
    // What was lost concerns every agent: it is told whatever the filter.
    return this.#agents.size === 0 || event.event_type === 'telemetry_gap' || this.#namesAgent(event)
  }

  #isSubscribed(event: AurenEvent): boolean {
    for (const name of this.#subscriptions) if (covers(name, event, this.#userId)) return true
    return false
  }

  #namesAgent({ source_agent: source, target_agent: target }: AurenEvent): boolean {
    return (source !== null && this.#agents.has(source.id)) || (target !== null && this.#agents.has(target.id))
  }
}
