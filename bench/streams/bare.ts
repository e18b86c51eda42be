import type { AurenEvent } from '../../src/events/event.ts'

/** What a program would write that used the client library alone, with the same durability: nothing is checked or decoded. */
export interface Bare {
  append(events: readonly AurenEvent[]): Promise<void>
  /** Resolves, when it is ready to begin, with a function that reads so many entries from the beginning. */
  openTail(): Promise<(count: number) => Promise<void>>
  /** Calls back for each entry from now on, as soon as it is there. Left out where the library cannot wait. */
  follow?(onEntry: () => void): Promise<void>
  close(): Promise<void>
}
