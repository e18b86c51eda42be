import type { AurenEvent } from '../../events/event.ts'
import type { RunStatus } from '../../protocol/runs.ts'
import type { Principal } from '../principal.ts'
import { RunView } from './run-view.ts'
import { Run } from './run.ts'

/** Views kept of one run between two of its events: readers mostly see the same of it. */
const maxViews = 16

/** A run with the views that were asked for since it last changed. */
export class RunEntry {
  readonly run: Run
  #toldStatus: RunStatus | undefined
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
    const owners = this.run.ownersSeenBy(principal)
    if (owners.size === 0) return undefined
    const view = this.#view(owners, now)
    return view.isEmpty ? undefined : view
  }

  /** Everything that is known: for keeping and telling, never for showing. Asked of all runs at once, so it is kept at hand. */
  whole(now: number): RunView {
    if (this.#whole === undefined || now >= this.#whole.verdict.until) {
      this.#whole = this.#view(new Set(this.run.owners.keys()), now)
    }
    return this.#whole
  }

  /** Whether the status is another one than when this was asked last. */
  takeStatusChange(now: number): boolean {
    const { status } = this.whole(now).verdict
    const isChanged = status !== this.#toldStatus
    this.#toldStatus = status
    return isChanged
  }

  #view(owners: ReadonlySet<number>, now: number): RunView {
    const key = owners.size === this.run.owners.length ? 'all' : [...owners].join()
    const known = this.#views.get(key)
    if (known !== undefined && now < known.verdict.until) return known
    if (this.#views.size >= maxViews) this.#views.clear()
    const view = new RunView(this.run, owners, now)
    this.#views.set(key, view)
    return view
  }
}
