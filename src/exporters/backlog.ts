import type { AurenEvent } from '../events/event.ts'
import { toTimestamp } from '../events/timestamp.ts'
import { EventQueue } from './event-queue.ts'
import type { QueueLimits } from './event-queue.ts'
import { Losses } from './losses.ts'
import type { Spool } from './spool.ts'
import type { Rows, SpooledEvents, SpoolFile } from './spool-file.ts'

/** Bytes of one append: large enough to be cheap, small enough to keep the others waiting only shortly. */
const batchBytes = 512 * 1024

/** Bytes that go to disk in one transaction, which takes some 5 ms of the agent's thread. */
const spillBytes = 1024 * 1024

export interface BacklogOptions extends QueueLimits {
  readonly tenantId: string | null
  /** Without one everything stays in memory. */
  readonly spool?: Spool | undefined
}

/** Events on their way to the stream, and where they stand on disk if they do. */
interface Batch {
  readonly events: readonly AurenEvent[]
  onDisk?: { readonly file: SpoolFile; readonly rows: Rows }
}

/**
 * Everything that is not known to be in the stream, in the order in which it will be written: announcements of losses and
 * a batch that came back, what ended processes left on disk, our own events on disk, and the queue in memory. One batch at
 * a time is taken, and settled before the next.
 */
export class Backlog {
  readonly losses: Losses
  readonly limits: QueueLimits
  readonly #queue: EventQueue
  readonly #spool: Spool | undefined
  #returned: readonly AurenEvent[] = []
  #adopted: SpoolFile[] = []
  #taken: Batch | undefined

  constructor({ tenantId, spool, ...limits }: BacklogOptions) {
    this.losses = new Losses(tenantId)
    this.limits = limits
    this.#queue = new EventQueue(limits)
    this.#spool = spool
  }

  get queuedEvents(): number {
    return this.#queue.length + this.#returned.length
  }

  get queuedBytes(): number {
    return this.#queue.bytes
  }

  get spooledEvents(): number {
    return this.#files.reduce((sum, { length }) => sum + length, 0)
  }

  get spooledBytes(): number {
    return this.#files.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  get isEmpty(): boolean {
    return this.#taken === undefined && this.queuedEvents + this.spooledEvents === 0 && this.losses.isEmpty
  }

  /** Whether so much waits in memory that the oldest should go to disk. */
  get isCrowded(): boolean {
    return this.#spool !== undefined && this.#queue.bytes > this.limits.maxBytes / 2
  }

  add(event: AurenEvent): void {
    try {
      const dropped = this.#queue.add(event)
      if (dropped.length > 0) this.losses.drop('queue_full', dropped)
    } catch {
      // Only a getter that throws can do that.
      this.losses.drop('unencodable', [event])
    }
  }

  /** Takes over what ended processes left on disk, and announces what they may have lost. Returns how many events. */
  adopt(): number {
    let adopted = 0
    for (const { file, producer, lastWriteMs } of this.#spool?.adopt() ?? []) {
      const hole = { producer, from: toTimestamp(lastWriteMs), to: toTimestamp(Date.now()) }
      if (file === undefined) this.losses.announce('spool_damaged', hole)
      else if (!file.isEnded) this.losses.announce('process_killed', hole)
      if (file === undefined) continue
      this.#adopted.push(file)
      adopted += file.length
    }
    return adopted
  }

  /** The events to be written next, so many at the most, oldest first; undefined when there are none. */
  take(limit: number): readonly AurenEvent[] | undefined {
    this.#taken = this.#takeReturned(limit) ?? this.#takeSpooled(limit) ?? this.#takeQueued(limit)
    return this.#taken?.events
  }

  /** Ends the batch that was taken. What failed comes first again, except for what can never be written. */
  settle(failed: readonly AurenEvent[]): void {
    const batch = this.#taken
    this.#taken = undefined
    if (batch === undefined) return
    if (batch.onDisk !== undefined) {
      if (failed.length === batch.events.length && failed.length > 0) return
      batch.onDisk.file.remove(batch.onDisk.rows)
    }
    const unencodable = failed.filter((event) => toText(event) === undefined)
    this.losses.drop('unencodable', unencodable)
    this.#returned = [...failed.filter((event) => !unencodable.includes(event)), ...this.#returned]
  }

  /** Moves to disk what is in memory, the batch under way included. Throws when the disk refuses; nothing is lost then. */
  spill(): void {
    const isOnDisk = this.#taken === undefined || this.#taken.onDisk !== undefined
    if (isOnDisk && this.queuedEvents === 0) return
    const file = this.#file()
    file.prepend(this.#encode(this.#returned))
    this.#returned = []
    if (this.#taken !== undefined && this.#taken.onDisk === undefined)
      this.#taken.onDisk = { file, rows: file.prepend(this.#encode(this.#taken.events)) }
    while (this.#queue.length > 0) this.#spillQueue(file)
  }

  /** Moves the oldest part of the queue to disk. Throws when the disk refuses. */
  spillOldest(): void {
    this.#spillQueue(this.#file())
  }

  /** What only this process knows of, the batch under way included, with the announcement of what it lost. */
  remember(): readonly AurenEvent[] {
    this.#returned = [...this.losses.take(), ...this.#returned]
    const taken = this.#taken?.onDisk === undefined ? (this.#taken?.events ?? []) : []
    return [...taken, ...this.#returned, ...this.#queue.front(Infinity, Infinity)]
  }

  /** Gives up what is in memory: it was written elsewhere, or there is nothing more that can be done. */
  clearMemory(): void {
    this.#returned = []
    this.#queue.remove(this.#queue.length)
    if (this.#taken?.onDisk === undefined) this.#taken = undefined
  }

  /** Notes on disk that what stands there is complete, for whoever takes it over. */
  markEnded(): void {
    for (const file of this.#files) file.markEnded()
  }

  close(): void {
    for (const file of this.#files) file.close()
  }

  get #files(): readonly SpoolFile[] {
    const own = this.#spool?.own
    return own === undefined ? this.#adopted : [...this.#adopted, own]
  }

  #file(): SpoolFile {
    if (this.#spool === undefined) throw new Error('There is no spool.')
    return this.#spool.open()
  }

  #takeReturned(limit: number): Batch | undefined {
    const events = [...this.losses.take(), ...this.#returned]
    this.#returned = events.splice(limit)
    return events.length === 0 ? undefined : { events }
  }

  #takeSpooled(limit: number): Batch | undefined {
    for (const file of this.#files) {
      const read = this.#read(file, limit)
      if (read !== undefined) return { events: read.events, onDisk: { file, rows: read } }
      this.#discard(file)
    }
    return undefined
  }

  #takeQueued(limit: number): Batch | undefined {
    const events = this.#queue.front(limit, batchBytes)
    this.#queue.remove(events.length)
    return events.length === 0 ? undefined : { events }
  }

  /** A file that cannot be read to its end is given up there. */
  #read(file: SpoolFile, limit: number): SpooledEvents | undefined {
    const now = toTimestamp(Date.now())
    try {
      const read = file.read(limit)
      if (read && read.unreadable > 0)
        this.losses.announce('spool_damaged', { from: now, to: now, dropped: read.unreadable })
      return read
    } catch {
      this.losses.announce('spool_damaged', { from: now, to: now })
      return undefined
    }
  }

  #discard(file: SpoolFile): void {
    this.#adopted = this.#adopted.filter((other) => other !== file)
    try {
      if (file === this.#spool?.own) this.#spool.discard()
      else file.destroy()
    } catch {
      // A file that cannot be deleted is empty; whoever finds it tries again.
    }
  }

  #spillQueue(file: SpoolFile): void {
    const events = this.#queue.front(Infinity, spillBytes)
    file.append(this.#encode(events))
    this.#queue.remove(events.length)
  }

  #encode(events: readonly AurenEvent[]): string[] {
    const texts = events.map(toText)
    const unencodable = events.filter((_, index) => texts[index] === undefined)
    this.losses.drop('unencodable', unencodable)
    return texts.filter((text) => text !== undefined)
  }
}

/** Undefined for what JSON has no place for: it would fail its batch for ever. */
function toText(event: AurenEvent): string | undefined {
  try {
    return JSON.stringify(event)
  } catch {
    return undefined
  }
}
