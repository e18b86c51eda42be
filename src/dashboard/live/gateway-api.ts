import type { AurenEvent } from '../../events/event.ts'
import type { AurenEventType } from '../../events/event-types.ts'
import type { Run, RunTree } from '../../protocol/runs.ts'
import type { PerformanceSummary } from '../../protocol/summary.ts'

/** What happened before now, newest first, and the cursor behind it. */
export interface RecentAnswer {
  readonly events: readonly AurenEvent[]
  readonly next?: string
  /** The search ended before it found as many as were asked for. */
  readonly truncated?: true
}

/** Whether the gateway reads its stream; the reason where it may say it. */
export interface Readiness {
  readonly status: 'ready' | 'unready' | 'unreachable'
  readonly reason?: string
}

/** The gateway did not answer as asked. `status` is that of HTTP; 0 when nothing answered. */
export class GatewayError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The HTTP side of the gateway that served this page. Every method rejects with a {@link GatewayError}. */
export class GatewayApi {
  readonly #base: string
  readonly #token: () => string

  constructor(base: string, token: () => string) {
    this.#base = base
    this.#token = token
  }

  /** Without types: of all. */
  recent(limit: number, types: readonly AurenEventType[] = []): Promise<RecentAnswer> {
    return this.#ask(`api/events?limit=${limit}${types.map((type) => `&type=${type}`).join('')}`)
  }

  /** Rejects with the status 404 when the newest 10,000 do not have it. */
  event(id: string): Promise<AurenEvent> {
    return this.#ask(`api/events/${encodeURIComponent(id)}`)
  }

  runs(limit: number): Promise<{ readonly runs: readonly Run[] }> {
    return this.#ask(`api/runs?limit=${limit}`)
  }

  run(traceId: string): Promise<RunTree> {
    return this.#ask(`api/runs/${encodeURIComponent(traceId)}`)
  }

  summary(): Promise<PerformanceSummary['data']> {
    return this.#ask('api/summary')
  }

  /** Whether this gateway starts a demo for who asks. */
  async offersDemo(): Promise<boolean> {
    return (await this.#ask<{ readonly available: boolean }>('api/demo')).available
  }

  startDemo(): Promise<unknown> {
    return this.#ask('api/demo/start', { method: 'POST' })
  }

  /** Never rejects. */
  async readiness(): Promise<Readiness> {
    const answer = await fetch(`${this.#base}readyz`).catch(() => undefined)
    return ((await answer?.json().catch(() => undefined)) as Readiness | undefined) ?? { status: 'unreachable' }
  }

  async #ask<T>(path: string, init: RequestInit = {}): Promise<T> {
    const headers = { authorization: `Bearer ${this.#token()}` }
    const answer = await fetch(`${this.#base}${path}`, { ...init, headers }).catch(() => undefined)
    if (answer === undefined) throw new GatewayError(0, 'no answer')
    if (answer.ok) return (await answer.json()) as T
    const said = (await answer.json().catch(() => ({}))) as { readonly message?: string }
    throw new GatewayError(answer.status, said.message ?? `status ${answer.status}`)
  }
}
