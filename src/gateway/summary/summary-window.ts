import type { AurenEvent } from '../../events/event.ts'
import { toTimestamp } from '../../events/timestamp.ts'
import type { AgentSummary, CollaborationSummary, PerformanceSummary } from '../../protocol/summary.ts'
import { namedAgent } from '../../protocol/step-facts.ts'
import type { Principal } from '../principal.ts'
import { AgentTally, tallyOf } from './agent-tally.ts'
import type { MemoryTally } from './memory-tally.ts'
import { Slice } from './slice.ts'

/** Milliseconds that a summary looks back, and of one of its slices. */
const windowMs = 5 * 60_000
const sliceMs = 10_000

/** Tallies kept at the most; beyond it the oldest slice goes, and `window_start` says so. */
const maxTallies = 20_000

/**
 * The last minutes of the stream in figures, for whoever asks: always only what that principal may see. Events count at the
 * time they state, so that every gateway on a stream says the same. No event is kept.
 */
export class SummaryWindow {
  readonly #now: () => number
  /** By number. */
  readonly #slices = new Map<number, Slice>()
  #tallies = 0
  /** Not all is known of slices up to this one: they were given up for want of room, or the stream has lost events of them. */
  #lost = -Infinity

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Events without an agent, or with one that nobody can name, say nothing of one; a time in the future is taken for now. */
  add(event: AurenEvent): void {
    const at = Math.min(Date.parse(event.timestamp), this.#now())
    const slice = Math.floor(at / sliceMs)
    const agent = namedAgent(event.source_agent)
    if (agent === null || Number.isNaN(at) || slice < this.#firstSlice()) return
    this.#tallyOf(slice, agent.id, event).add(event, at)
    if (this.#tallies > maxTallies) this.#dropOldest()
  }

  /** Before this time (milliseconds since the epoch) the stream has lost events: the window begins later then. */
  knowsFrom(time: number): void {
    if (!Number.isNaN(time)) this.#lost = Math.max(this.#lost, Math.ceil(Math.min(time, this.#now()) / sliceMs) - 1)
  }

  /** `silent` has the agents whose open work was not heard of in time, and when it last was: who did more since is not silent. */
  summarise(
    principal: Principal,
    system: PerformanceSummary['data']['system'],
    silent: ReadonlyMap<string, number> = new Map(),
  ): PerformanceSummary {
    this.#prune()
    const agents = new Map<string, AgentSummary>()
    const collaboration = new Map<string, CollaborationSummary>()
    const tiers = new Map<string, MemoryTally>()
    for (const [agent, tally] of this.#visibleTo(principal)) {
      agents.set(agent, tally.summary((silent.get(agent) ?? -Infinity) >= tally.lastAt))
      const shared = tally.collaboration()
      if (shared !== undefined) collaboration.set(agent, shared)
      for (const [tier, accesses] of tally.memory) tallyOf(tiers, tier)?.merge(accesses)
    }
    for (const [agent, heardAt] of silent) {
      if (!agents.has(agent))
        agents.set(agent, { ...new AgentTally().summary(true), last_update: toTimestamp(heardAt) })
    }
    const timestamp = toTimestamp(this.#now())
    const data = {
      timestamp,
      window_seconds: windowMs / 1000,
      window_start: toTimestamp(this.#firstSlice() * sliceMs),
      agents: Object.fromEntries(agents),
      system,
      collaboration: Object.fromEntries(collaboration),
      memory: Object.fromEntries([...tiers].map(([tier, tally]) => [tier, tally.summary()])),
    }
    return { type: 'performance_summary', timestamp, data }
  }

  #visibleTo(principal: Principal): Map<string, AgentTally> {
    const merged = new Map<string, AgentTally>()
    for (const slice of this.#slices.values()) {
      for (const { agent, tally } of slice.visibleTo(principal)) {
        const total = merged.get(agent) ?? new AgentTally()
        total.merge(tally)
        merged.set(agent, total)
      }
    }
    return merged
  }

  #tallyOf(number: number, agent: string, event: AurenEvent): AgentTally {
    const slice = this.#slices.get(number) ?? new Slice()
    this.#slices.set(number, slice)
    this.#tallies -= slice.size
    const tally = slice.tallyOf(agent, event)
    this.#tallies += slice.size
    return tally
  }

  /** The first slice that lies in the window with all of its time. */
  #firstSlice(): number {
    return Math.max(Math.ceil((this.#now() - windowMs) / sliceMs), this.#lost + 1)
  }

  #prune(): void {
    const first = this.#firstSlice()
    for (const number of this.#slices.keys()) if (number < first) this.#drop(number)
  }

  #dropOldest(): void {
    this.#prune()
    if (this.#tallies <= maxTallies) return
    this.#lost = Math.min(...this.#slices.keys())
    this.#drop(this.#lost)
  }

  #drop(number: number): void {
    this.#tallies -= this.#slices.get(number)?.size ?? 0
    this.#slices.delete(number)
  }
}
