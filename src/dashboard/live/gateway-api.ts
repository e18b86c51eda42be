import type { AurenEvent } from '../../events/event.ts'
import type { AurenEventType } from '../../events/event-types.ts'
import type { Run, RunTree } from '../../protocol/runs.ts'
import type { PerformanceSummary } from '../../protocol/summary.ts'

/** Which events are asked for; where a list is given, those with one of its values. */
export interface EventsQuery {
  /** At most 1,000. */
  readonly limit: number
  /** Only those before this cursor. */
  readonly before?: string | undefined
  readonly type?: string | readonly AurenEventType[]
  /** Of it, or given to it. */
  readonly agent?: string
  readonly session?: string
  readonly user?: string
  readonly trace?: string
}

/** What happened, newest first. */
export interface EventsAnswer {
  readonly events: readonly AurenEvent[]
  /** The cursor behind them all, where none was given to go back from. */
  readonly next?: string
  /** The cursor to go on before; left out when there are no older ones. */
  readonly before?: string
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

  events({ limit, ...query }: EventsQuery): Promise<EventsAnswer> {
    const asked = Object.entries(query).flatMap(([name, values]) =>
      [values ?? []].flat().map((value): [string, string] => [name, value]),
    )
    return this.#ask(`api/events?${new URLSearchParams([['limit', String(limit)], ...asked]).toString()}`)
  }

  /** Looks at the newest 10,000, and at all of its run where that is known. Rejects with the status 404 when it is not there. */
  async event(id: string, trace: string | undefined): Promise<AurenEvent> {
    const newest = this.#ask<AurenEvent>(`api/events/${encodeURIComponent(id)}`)
    if (trace === undefined) return newest
    return newest.catch(async (error: unknown) => {
      let page: EventsAnswer | undefined
      do {
        page = await this.events({ limit: 1_000, trace, before: page?.before })
        const found = page.events.find((event) => event.event_id === id)
        if (found !== undefined) return found
      } while (page.before !== undefined)
      throw error
    })
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
