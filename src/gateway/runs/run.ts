import type { AurenEvent } from '../../events/event.ts'
import { maySee } from '../principal.ts'
import type { Principal, Visible } from '../principal.ts'
import { keptFacts } from './kept-facts.ts'
import type { KeptFacts } from './kept-facts.ts'
import { leaseOf } from './lease.ts'
import type { Lease } from './lease.ts'
import { goneProducer } from '../../exporters/process-gone.ts'
import type { Life } from './run-status.ts'
import { Step } from './step.ts'
import { count, noSums } from './sums.ts'
import type { Sums } from './sums.ts'

/** Whose an event is: what decides who may see it, and the session it belongs to. */
export interface Owner extends Visible {
  readonly session_id: string | null
}

/** Steps, owners and processes that are kept of one run. */
const maxSteps = 2_000
const maxOwners = 500
const maxProcesses = 50

/** Bytes that a step, an owner or the newest heartbeat of a process takes in memory, roughly, but for long texts. */
const itemBytes = 1_200

/** Characters of one item that are part of that. */
const shortChars = 400

/**
 * What is known of one trace. Up to its bounds it depends on the set of events alone: order, repetition and the time of
 * arrival make no difference, so that all gateways on a stream agree. Steps beyond the bound are counted, with their tokens
 * and their cost, but not kept.
 */
export class Run {
  readonly traceId: string
  readonly tenantId: string | null
  readonly steps = new Map<string, Step>()
  readonly owners: Owner[] = []
  /** By number of the owner. */
  readonly omitted = new Map<number, Sums>()
  readonly #ownerNumbers = new Map<string, number>()
  readonly #leases = new Map<string, Lease>()
  /** When each process was last said to be gone: milliseconds since the epoch. */
  readonly #gone = new Map<string, number>()
  #heardAt = 0
  #activeAt = 0
  #lastEventAt = 0
  #isCutOff = false
  #longBytes = 0

  constructor(traceId: string, tenantId: string | null) {
    this.traceId = traceId
    this.tenantId = tenantId
  }

  /** When anything was last heard: milliseconds since the epoch. */
  get heardAt(): number {
    return this.#heardAt
  }

  get life(): Life {
    return {
      leases: [...this.#leases.values()],
      gone: this.#goneProducers(),
      hasEnded: (spanId) => this.#hasEnded(spanId),
      heardAt: this.#heardAt,
      activeAt: this.#activeAt,
    }
  }

  /** The newest time that an event other than a heartbeat states; 0 when only heartbeats came. */
  get lastEventAt(): number {
    return this.#lastEventAt
  }

  /** Whether events came that could not even be counted, from more owners than are told apart. */
  get isCutOff(): boolean {
    return this.#isCutOff
  }

  get bytes(): number {
    let items = 1 + this.steps.size + this.owners.length
    for (const { openSteps } of this.#leases.values()) items += 1 + openSteps.size / 10
    return items * itemBytes + this.#longBytes
  }

  /** `heardAt` is when the event came, or the time it states where it was read back. */
  absorb(event: AurenEvent, heardAt: number): void {
    this.#heardAt = Math.max(this.#heardAt, heardAt)
    if (event.event_type === 'heartbeat') return this.#renew(leaseOf(event, heardAt))
    const gone = goneProducer(event)
    if (gone !== undefined) return this.#end(gone, Date.parse(event.timestamp) || 0)
    this.#activeAt = Math.max(this.#activeAt, heardAt)
    this.#lastEventAt = Math.max(this.#lastEventAt, Date.parse(event.timestamp) || 0)
    const facts = keptFacts(event)
    if (facts !== undefined) this.#addStep(facts, this.#ownerOf(event))
  }

  /** Whether the principal may see anything of it. */
  isSeenBy(principal: Principal): boolean {
    return this.tenantId === principal.tenantId && this.owners.some((owner) => maySee(principal, owner))
  }

  /** Numbers of the owners whose events the principal may see: the one rule, asked once for each owner. */
  ownersSeenBy(principal: Principal): ReadonlySet<number> {
    return new Set(this.owners.flatMap((owner, number) => (maySee(principal, owner) ? [number] : [])))
  }

  #hasEnded(spanId: string): boolean {
    const step = this.steps.get(spanId)
    return step === undefined ? this.omitted.size > 0 : step.end !== undefined
  }

  #addStep(facts: KeptFacts, owner: number | undefined): void {
    if (owner === undefined) {
      this.#isCutOff = true
      return
    }
    const known = this.steps.get(facts.spanId)
    if (known !== undefined || this.steps.size < maxSteps) this.#weigh(idsOf(facts))
    if (known !== undefined) return known.absorb({ facts, owner })
    if (this.steps.size < maxSteps) this.steps.set(facts.spanId, new Step({ facts, owner }))
    else if (!facts.isStart) this.#omit(facts, owner)
  }

  /** Ids are what their producers say, however long. */
  #weigh(ids: readonly (string | null | undefined)[]): void {
    const chars = ids.reduce((sum, id) => sum + (id?.length ?? 0), 0)
    if (chars > shortChars) this.#longBytes += 2 * chars
  }

  #omit(facts: KeptFacts, owner: number): void {
    const sums = this.omitted.get(owner) ?? noSums()
    count(sums, facts)
    this.omitted.set(owner, sums)
  }

  #renew(lease: Lease | undefined): void {
    if (lease === undefined) return
    const known = this.#leases.get(lease.producer)
    if (known === undefined && this.#leases.size >= maxProcesses) return
    const isNewer = known === undefined || lease.madeAt > known.madeAt
    const isFirstOfEqual = lease.madeAt === known?.madeAt && lease.eventId < known.eventId
    if (isNewer || isFirstOfEqual) this.#leases.set(lease.producer, lease)
  }

  #end(producer: string, at: number): void {
    const known = this.#gone.get(producer)
    if (known !== undefined || this.#gone.size < maxProcesses) this.#gone.set(producer, Math.max(known ?? 0, at))
  }

  /** Without those that sent a heartbeat afterwards: they live, whoever said otherwise. */
  #goneProducers(): ReadonlySet<string> {
    const gone = [...this.#gone].filter(([producer, at]) => (this.#leases.get(producer)?.madeAt ?? 0) <= at)
    return new Set(gone.map(([producer]) => producer))
  }

  #ownerOf({ tenant_id, user_id, session_id, source_agent: agent }: AurenEvent): number | undefined {
    const key = JSON.stringify([user_id, session_id, agent?.id, agent?.role])
    const known = this.#ownerNumbers.get(key)
    if (known !== undefined || this.owners.length >= maxOwners) return known
    const source_agent = agent && { id: agent.id, role: agent.role }
    this.#ownerNumbers.set(key, this.owners.length)
    // The key, and what it is made of.
    this.#weigh([key, key])
    return this.owners.push({ tenant_id, user_id, session_id, source_agent }) - 1
  }
}

function idsOf({ eventId, spanId, parentSpanId, parentEventId, agent }: KeptFacts) {
  return [eventId, spanId, parentSpanId, parentEventId, agent?.id]
}
