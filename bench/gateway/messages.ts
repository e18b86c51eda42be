import type { ChildProcess } from 'node:child_process'

/** What the processes of a measurement say to each other. */
export type Report =
  | { readonly ready: string }
  /** All of them are let in. */
  | { readonly connected: number }
  | { readonly cpuSeconds: number; readonly rss: number; readonly heap: number; readonly descriptors: number }
  | { readonly delivered: number }
  | { readonly latencies: number[] }
  /** So many floods were ended by the server. */
  | { readonly sentAway: number }
  /** What readers of a soak saw. */
  | { readonly soak: Tally }
  /** All of them have caught up, with so many events together. */
  | { readonly caughtUp: number }

/** Events of all readers together, and what was done to them. */
export interface Tally {
  events: number
  /** Missing, and announced by a `gap`, or by nothing. */
  announced: number
  unannounced: number
  repeated: number
  /** Times that a reader went by itself, read nothing for a while, and was sent away. */
  left: number
  stalled: number
  sentAway: number
  /** Readers that had not come to the end when time was up. */
  behind: number
}

export type Order =
  /** Stop leaving and stalling, and say `soak` when everybody has this event. */
  | { readonly last: number }
  /** Say what is used; `memory` after a collection, whose time is not to be measured. */
  | { readonly usage: 'cpu' | 'memory' }
  /** Say `delivered` each time that so many more events came. */
  | { readonly every: number }
  | { readonly latencies: true }
  | { readonly stall: true }

/** The next report that has this field. */
export function reportOf<K extends string>(
  child: ChildProcess,
  field: K,
): Promise<Extract<Report, Record<K, unknown>>> {
  return new Promise((resolve, reject) => {
    const onMessage = (report: Report) => {
      if (!(field in report)) return
      child.off('message', onMessage)
      child.off('exit', onExit)
      resolve(report as Extract<Report, Record<K, unknown>>)
    }
    const onExit = (code: number | null) => reject(new Error(`a process of the measurement ended with ${code}`))
    child.on('message', onMessage).once('exit', onExit)
  })
}

/** Counts reports of `every`, which may come while nobody waits. */
export class Deliveries {
  #left = 0
  #done: (() => void) | undefined

  constructor(loads: readonly ChildProcess[]) {
    for (const load of loads) load.on('message', (report: Report) => 'delivered' in report && this.#count())
  }

  /** Resolves when so many more have come. */
  next(reports: number): Promise<void> {
    this.#left = reports
    return new Promise((resolve) => (this.#done = resolve))
  }

  #count(): void {
    this.#left -= 1
    if (this.#left === 0) this.#done?.()
  }
}

/** The delays since they were last taken. */
export async function takeLatencies(loads: readonly ChildProcess[]): Promise<number[]> {
  const reports = loads.map((load) => reportOf(load, 'latencies'))
  for (const load of loads) load.send({ latencies: true } satisfies Order)
  return (await Promise.all(reports)).flatMap(({ latencies }) => latencies)
}

export const tell = (report: Report): boolean | undefined => process.send?.(report)
