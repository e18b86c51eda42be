/**
 * Notices a connection that is dead although nobody closed it, as after a laptop slept: code in a browser sees no
 * WebSocket pings. Counts beats without an answer instead of milliseconds, since browsers slow the timers of hidden tabs.
 */
export class Watchdog {
  readonly #timer: ReturnType<typeof setInterval>
  #silentBeats = 0

  /** Calls `ping` on every beat, and `onDead` once, when nothing was heard for two whole beats. */
  constructor(beatMs: number, ping: () => void, onDead: () => void) {
    this.#timer = setInterval(() => {
      if (this.#silentBeats >= 2) {
        this.stop()
        return onDead()
      }
      this.#silentBeats += 1
      ping()
    }, beatMs)
  }

  heard(): void {
    this.#silentBeats = 0
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
