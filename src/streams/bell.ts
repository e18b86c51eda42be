import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds before what waits looks by itself when a poll failed. */
const failedMs = 200

/**
 * Long polls that only tell that there is something: what it is is read afterwards, where a gap would be seen. There is one
 * at a time for each name, and all reads of an instance wait for the same ones.
 */
export class Bell {
  readonly #polls = new Set<string>()
  #rung = Promise.withResolvers<void>()

  /** Resolves when one of the polls, or one that is still under way, has ended, after the time, or when it is stopped. */
  async wait(polls: ReadonlyMap<string, () => Promise<unknown>>, waitMs: number, stop: AbortSignal): Promise<void> {
    if (stop.aborted) return
    const { promise: rung } = this.#rung
    for (const [name, poll] of polls) this.#start(name, poll)
    const { promise: over, resolve } = Promise.withResolvers<void>()
    const end = () => resolve()
    const timer = setTimeout(end, waitMs)
    stop.addEventListener('abort', end)
    await Promise.race([rung, over])
    clearTimeout(timer)
    stop.removeEventListener('abort', end)
  }

  #start(name: string, poll: () => Promise<unknown>): void {
    if (this.#polls.has(name)) return
    this.#polls.add(name)
    void poll()
      .catch(() => sleep(failedMs, undefined, { ref: false }))
      .finally(() => {
        this.#polls.delete(name)
        this.#rung.resolve()
        this.#rung = Promise.withResolvers()
      })
  }
}
