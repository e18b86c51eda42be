import { amount, dollars, duration } from '../../client/figures.ts'
import { hasFailed } from '../../client/sentence.ts'
import type { AurenEvent } from '../../events/event.ts'

/** Agents that are told apart; beyond it their number is a least. */
const agentsKept = 10_000

/** What was printed so far, in one line. */
export class FeedSummary {
  readonly #start = performance.now()
  readonly #agents = new Set<string>()
  #events = 0
  #calls = 0
  #tokens = 0
  #cost = 0
  #failed = 0
  #missing = 0
  #isMissingMore = false

  take(event: AurenEvent): void {
    this.#events += 1
    if (event.source_agent && this.#agents.size < agentsKept) this.#agents.add(event.source_agent.id)
    if (hasFailed(event)) this.#failed += 1
    const { counted_elsewhere: isTold, tokens_used: tokens, cost } = event.payload
    if (event.event_type !== 'llm_call' || isTold === true) return
    this.#calls += 1
    if (typeof tokens === 'number') this.#tokens += tokens
    if (typeof cost === 'number') this.#cost += cost
  }

  /** Events that should have come and did not; null: nobody knows how many. */
  miss(count: number | null): void {
    this.#missing += count ?? 0
    this.#isMissingMore ||= count === null
  }

  toString(): string {
    const parts = [
      `${many(this.#events, 'event')} of ${many(this.#agents.size, 'agent')} in ${duration(performance.now() - this.#start)}`,
      `${many(this.#calls, 'model call')}, ${amount(this.#tokens)} tokens, ${dollars(this.#cost)}`,
      `${this.#failed} failed`,
    ]
    if (this.#missing > 0 || this.#isMissingMore) parts.push(`${this.#missingWords()} missing`)
    return parts.join('; ')
  }

  #missingWords(): string {
    if (!this.#isMissingMore) return String(this.#missing)
    return this.#missing === 0 ? 'some' : `at least ${this.#missing}`
  }
}

function many(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}
