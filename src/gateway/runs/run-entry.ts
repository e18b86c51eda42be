import type { AurenEvent } from '../../events/event.ts'
import type { RunStatus } from '../../protocol/runs.ts'
import type { Principal } from '../principal.ts'
import { RunView } from './run-view.ts'
import { Run } from './run.ts'

/** Views kept of one run between two of its events: readers mostly see the same of it. */
const maxViews = 16

/** Different parts of one run that readers are told of when time alone changes their status. */
const maxTold = 200

interface Told {
  readonly owners: ReadonlySet<number>
  readonly status: RunStatus
}

/** A run with the views that were asked for since it last changed. */
export class RunEntry {
  readonly run: Run
  /** What readers were told last. */
  readonly #told = new Map<string, Told>()
  readonly #views = new Map<string, RunView>()
  #whole: RunView | undefined

  constructor(traceId: string, tenantId: string | null) {
    this.run = new Run(traceId, tenantId)
  }

  absorb(event: AurenEvent, heardAt: number): void {
    this.run.absorb(event, heardAt)
    this.#views.clear()
    this.#whole = undefined
  }

  /** Undefined for who may see nothing of it. */
  viewFor(principal: Principal, now: number): RunView | undefined {
    if (!this.run.isSeenBy(principal)) return undefined
    const view = this.#view(this.run.ownersSeenBy(principal), now)
    return view.isEmpty ? undefined : view
  }

  /** As `viewFor`, for a reader who is told of the run from now on. */
  tell(principal: Principal, now: number): RunView | undefined {
    const view = this.viewFor(principal, now)
    if (view === undefined) return undefined
    const { owners, verdict } = view
    const key = this.#keyOf(owners)
    // What others were told before stands until all are told anew.
    if (!this.#told.has(key) && this.#told.size < maxTold) this.#told.set(key, { owners, status: verdict.status })
    return view
  }

  /** All readers are told anew. */
  forgetTold(): void {
    this.#told.clear()
  }

  /** Everything that is known: for keeping and telling, never for showing. Asked of all runs at once, so it is kept at hand. */
  whole(now: number): RunView {
    if (this.#whole === undefined || now >= this.#whole.verdict.until) {
      this.#whole = this.#view(new Set(this.run.owners.keys()), now)
    }
    return this.#whole
  }

  /** Whether somebody was told of another status than the run has by now. */
  isOtherThanTold(now: number): boolean {
    return [...this.#told.values()].some(({ owners, status }) => this.#view(owners, now).verdict.status !== status)
  }

  #view(owners: ReadonlySet<number>, now: number): RunView {
    const key = this.#keyOf(owners)
    const known = this.#views.get(key)
    if (known !== undefined && now < known.verdict.until) return known
    if (this.#views.size >= maxViews) this.#views.clear()
    const view = new RunView(this.run, owners, now)
    this.#views.set(key, view)
    return view
  }

  #keyOf(owners: ReadonlySet<number>): string {
    return owners.size === this.run.owners.length ? 'all' : [...owners].join()
  }
}
