import type { AurenEvent } from '../events/event.ts'
import { shortText } from '../protocol/step-facts.ts'
import { leaseOf } from './runs/lease.ts'

/** One entry of Prometheus' HTTP service discovery (prometheus.io/docs/prometheus/latest/http_sd). */
export interface TargetGroup {
  readonly targets: readonly string[]
  /** `__meta_` labels are for `relabel_configs`, and are gone afterwards. */
  readonly labels: Readonly<Record<string, string>>
}

interface Target {
  readonly producer: string
  readonly labels: Readonly<Record<string, string>>
  /** Milliseconds since the epoch. */
  heardAt: number
  readonly lengthMs: number
}

/** Processes kept at the most; more are not listed. */
const maxTargets = 10_000

/** A host name, an IPv4 address or an IPv6 address in brackets, and a port. */
const addressPattern = /^(?:\[[0-9a-f:.]{2,45}\]|[\w.-]{1,253}):\d{1,5}$/i

/**
 * Where the metrics of living agent processes are, as their own heartbeats say: those of no run. Spans that come over OTLP
 * cannot say it, since every span has a trace.
 */
export class ScrapeTargets {
  /** By address: a process that has the address of an earlier one takes its place. */
  readonly #targets = new Map<string, Target>()
  readonly #now: () => number
  #deafSince: number | undefined

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** `heardAt` is now for an event that just came; one that is read back is taken at the time it states, the default. */
  add(event: AurenEvent, heardAt: number = Date.parse(event.timestamp)): void {
    if (event.event_type !== 'heartbeat' || event.trace_id !== null) return
    const { metrics_address: address, interval_ms: interval, producer } = event.payload
    if (typeof address !== 'string' || !addressPattern.test(address)) return
    if (interval === 0 && this.#targets.get(address)?.producer === producer) this.#targets.delete(address)
    const lease = leaseOf(event, Math.min(heardAt, this.#now()))
    if (lease === undefined || (!this.#targets.has(address) && !this.#hasRoom())) return
    this.#targets.set(address, { ...lease, labels: labelsOf(event) })
  }

  /** The stream cannot be read (true), or can again (false): who could not be heard meanwhile has not fallen silent. */
  setDeaf(isDeaf: boolean): void {
    const now = this.#now()
    if (isDeaf) {
      this.#forgetSilent()
      this.#deafSince ??= now
    } else if (this.#deafSince !== undefined) {
      for (const target of this.#targets.values()) {
        if (target.heardAt <= this.#deafSince) target.heardAt += now - this.#deafSince
      }
      this.#deafSince = undefined
    }
  }

  /** All of them, by what their labels say. */
  list(): TargetGroup[] {
    this.#forgetSilent()
    const groups = new Map<string, { targets: string[]; labels: Target['labels'] }>()
    for (const [address, { labels }] of this.#targets) {
      const key = JSON.stringify(labels)
      const group = groups.get(key) ?? { targets: [], labels }
      group.targets.push(address)
      groups.set(key, group)
    }
    return [...groups.values()]
  }

  #hasRoom(): boolean {
    if (this.#targets.size >= maxTargets) this.#forgetSilent()
    return this.#targets.size < maxTargets
  }

  #forgetSilent(): void {
    if (this.#deafSince !== undefined) return
    const now = this.#now()
    for (const [address, { heardAt, lengthMs }] of this.#targets) {
      if (now - heardAt > lengthMs) this.#targets.delete(address)
    }
  }
}

function labelsOf({ metadata, tenant_id: tenant }: AurenEvent): Record<string, string> {
  const service = shortText(metadata['service'])
  return {
    ...(service === undefined ? {} : { __meta_auren_service: service }),
    ...(tenant === null ? {} : { __meta_auren_tenant: tenant }),
  }
}
