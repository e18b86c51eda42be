import { setTimeout as sleep } from 'node:timers/promises'
import { closings } from '../protocol/close-codes.ts'
import type { Closing } from '../protocol/close-codes.ts'
import type { ServerMessage } from '../protocol/server-messages.ts'
import type { Principal } from './principal.ts'
import type { RunFollower } from './runs/run-board.ts'
import type { GatewaySettings } from './settings.ts'
import { TokenBucket } from './token-bucket.ts'

/** A WebSocket or an event source. */
export interface Connection extends RunFollower {
  /** Undefined until it has shown a token. */
  readonly principal: Principal | undefined
  /** Address of the client, where it matters before it has shown a token. */
  readonly address?: string | undefined
  readonly eventsSent: number
  readonly wantsSummary: boolean
  /** Whether it has not taken all that was written to it. */
  readonly isBehind: boolean
  /** Left out where the client knows no such message. */
  send(message: ServerMessage): void
  /** Shows that it lives, and ends it when the client does not. */
  beat(): void
  /** Ends it when its client takes nothing of what waits for it. */
  letGoIfStalled(): void
  close(closing: Closing): void
}

/** Milliseconds a client has to answer a close before its socket is cut. */
export const closeGraceMs = 5_000

/** The connections of a gateway: how many there may be, that they live, and how they are sent away. */
export class Connections {
  readonly #settings: GatewaySettings
  readonly #all = new Set<Connection>()
  /** Of those the ones that were turned away and have yet to go: they take nobody's room. */
  readonly #turnedAway = new Set<Connection>()
  readonly #newcomers: TokenBucket
  readonly #timers: readonly NodeJS.Timeout[]
  #isDraining = false

  constructor(settings: GatewaySettings) {
    this.#settings = settings
    this.#newcomers = new TokenBucket(settings.connectionsPerSecond, 1_000)
    this.#timers = [
      setInterval(() => this.#all.forEach((connection) => connection.beat()), settings.heartbeatMs),
      setInterval(() => this.#all.forEach((connection) => connection.letGoIfStalled()), settings.stallMs / 4),
    ]
  }

  get size(): number {
    return this.#all.size
  }

  get isDraining(): boolean {
    return this.#isDraining
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#all.values()
  }

  /** Counts it until it is removed; false when there is no room for it. */
  add(connection: Connection): boolean {
    const isLetIn = !this.#isDraining && this.#hasRoomFor(connection)
    this.#all.add(connection)
    if (!isLetIn) this.#turnedAway.add(connection)
    return isLetIn
  }

  remove(connection: Connection): void {
    this.#all.delete(connection)
    this.#turnedAway.delete(connection)
  }

  /** Whether this principal may have one more connection than those there are beside this one. */
  admit(connection: Connection, principal: Principal): boolean {
    let [ofUser, ofTenant] = [0, 0]
    for (const other of this.#all) {
      if (other === connection || other.principal?.tenantId !== principal.tenantId) continue
      ofTenant += 1
      if (other.principal.userId === principal.userId) ofUser += 1
    }
    const { maxConnectionsPerUser, maxConnectionsPerTenant = Infinity } = this.#settings
    return ofUser < maxConnectionsPerUser && ofTenant < maxConnectionsPerTenant
  }

  /** What one address has too many of is no newcomer to the others. */
  #hasRoomFor({ principal, address }: Connection): boolean {
    const { maxConnections, maxPendingPerAddress } = this.#settings
    const isKnown = principal !== undefined || this.#pendingFrom(address) < maxPendingPerAddress
    return isKnown && this.#all.size - this.#turnedAway.size < maxConnections && this.#newcomers.take()
  }

  #pendingFrom(address: string | undefined): number {
    let pending = 0
    for (const other of this.#all) if (other.principal === undefined && other.address === address) pending += 1
    return pending
  }

  /**
   * Sends everybody away: told first, then closed one by one, no faster than another gateway lets them in and within
   * `drainMs`. Resolves when the last has gone, or has had its time to answer.
   */
  async drain(): Promise<void> {
    this.#isDraining = true
    const { connectionsPerSecond, drainMs } = this.#settings
    const withinMs = Math.min(drainMs, Math.ceil((this.#all.size * 1_000) / connectionsPerSecond))
    const leaving = [...this.#all]
    for (const connection of leaving) connection.send({ type: 'server_draining', reconnect_within_ms: withinMs })
    const startedAt = performance.now()
    for (const [index, connection] of leaving.entries()) {
      const wait = startedAt + (index * withinMs) / leaving.length - performance.now()
      if (wait > 1) await sleep(wait)
      connection.close(closings.serverDraining)
    }
    for (const connection of this.#all) connection.close(closings.serverDraining)
    const deadline = performance.now() + closeGraceMs
    while (this.#all.size > 0 && performance.now() < deadline) await sleep(10)
    for (const timer of this.#timers) clearInterval(timer)
  }
}
