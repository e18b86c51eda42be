import { EventEmitter } from 'node:events'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AurenError } from '../errors.ts'
import type { AurenEvent } from '../events/event.ts'
import { fromEventJson } from '../events/stored-event.ts'
import { AppendError, PositionLostError } from './event-stream.ts'
import type { EventPage, EventStream, ReadOptions, StreamEntry, StreamInfo, StreamPosition } from './event-stream.ts'
import { PendingWork } from './pending-work.ts'
import { SqliteLog, isBusy, toAurenError } from './sqlite-log.ts'
import type { LogBounds, StoredRow } from './sqlite-log.ts'

export interface SqliteStreamOptions {
  /** Events kept, default 50,000; up to a tenth more may stand until the next trim. */
  readonly maxLength?: number
}

/** Milliseconds between looks for what other processes wrote. A look costs about 5 µs. */
const pollMs = 10
/** Looks after which the file itself is checked: half a second. */
const looksPerFileCheck = 50
/** Milliseconds for which a file that another process has locked is tried again, without holding up this thread. */
const busyMs = 2_000

/** Tells the waiting reads of this process, by path, that somebody in it has written. */
const writes = new EventEmitter().setMaxListeners(0)

/**
 * Events in one SQLite file, without a server: several processes of one machine write and read it. A reader sees the
 * write of another process within about 10 ms, its own at once. The file is made on first use, readable by its owner only.
 */
export function sqliteStream(path: string, options: SqliteStreamOptions = {}): EventStream {
  return new SqliteStream(path, options.maxLength ?? 50_000)
}

class SqliteStream implements EventStream {
  readonly name: string
  readonly #path: string
  readonly #maxLength: number
  readonly #closing = new AbortController()
  readonly #pending = new PendingWork()
  #lastAppend: Promise<unknown> = Promise.resolve()
  #closed = false
  #log: SqliteLog | undefined
  #opening: Promise<SqliteLog> | undefined

  constructor(path: string, maxLength: number) {
    this.name = `sqlite:${path}`
    this.#path = resolve(path)
    this.#maxLength = maxLength
  }

  async append(events: readonly AurenEvent[]): Promise<StreamPosition> {
    this.#assertOpen()
    try {
      return await this.#pending.track(this.#append(events))
    } catch (error) {
      throw new AppendError(events, toAurenError(error))
    }
  }

  appendNow(events: readonly AurenEvent[]): void {
    this.#assertOpen()
    if (this.#log?.isReplaced()) throw new AurenError('AUREN_STREAM_UNAVAILABLE')
    this.#store((this.#log ??= new SqliteLog(this.#path)), events)
  }

  async read(after: StreamPosition, { limit = 500, waitMs = 0, signal }: ReadOptions = {}): Promise<EventPage> {
    this.#assertOpen()
    const deadline = performance.now() + waitMs
    const stop = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal
    for (;;) {
      const answer = await this.#use(async (log) => {
        const version = log.dataVersion()
        const page = log.consistently(() => readPage(log, after, Math.max(1, limit)))
        if (page.entries.length > 0 || page.malformed > 0 || performance.now() >= deadline || stop.aborted) return page
        await this.#change(log, version, deadline, stop)
        return stop.aborted ? page : undefined
      })
      if (answer) return answer
    }
  }

  async recent(limit: number, before?: StreamPosition): Promise<readonly StreamEntry[]> {
    this.#assertOpen()
    const end = before && rowId(before)
    return this.#use((log) => {
      if (before) assertSameLife(log.bounds(), before)
      return decode(log.newest(Math.max(0, limit), end)).entries
    })
  }

  async info(): Promise<StreamInfo> {
    this.#assertOpen()
    const { epoch, first, last } = await this.#use((log) => log.bounds())
    return {
      epoch,
      length: last - first + 1,
      first: { epoch, id: String(first - 1) },
      recent: { epoch, id: String(first - 1) },
      last: { epoch, id: String(last) },
      maxLength: this.#maxLength,
      ordering: 'total',
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#pending.settled()
    this.#closed = true
    await Promise.allSettled([this.#opening])
    this.#log?.close()
    this.#log = undefined
  }

  /** One after the other: while one waits for another process, a later one must not pass it. */
  #append(events: readonly AurenEvent[]): Promise<StreamPosition> {
    const append = async () => {
      const { epoch, last } = await this.#use((log) => this.#store(log, events))
      return { epoch, id: String(last) }
    }
    const work = this.#lastAppend.then(append, append)
    this.#lastAppend = work
    return work
  }

  #store(log: SqliteLog, events: readonly AurenEvent[]): LogBounds {
    const rows = events.map((event) => JSON.stringify(event))
    const bounds = log.append(rows, this.#maxLength)
    writes.emit(this.#path)
    return bounds
  }

  /** Runs work on the file that stands there now, in the same turn: in a later one another call may have replaced it. */
  async #use<T>(work: (log: SqliteLog) => T | Promise<T>): Promise<T> {
    for (const deadline = performance.now() + busyMs; ;) {
      const log = await this.#open()
      if (log !== this.#log) continue
      try {
        return await work(log)
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw toAurenError(error)
        await sleep(pollMs)
      }
    }
  }

  async #open(): Promise<SqliteLog> {
    if (this.#closed) throw new AurenError('AUREN_STREAM_CLOSED')
    if (this.#log?.isReplaced()) {
      this.#log.close()
      this.#log = undefined
    }
    return this.#log ?? (this.#opening ??= this.#openAnew())
  }

  async #openAnew(): Promise<SqliteLog> {
    try {
      return (this.#log = await openLog(this.#path))
    } finally {
      this.#opening = undefined
    }
  }

  /** Resolves when this or another process wrote, the file was replaced, the time is over or the wait is ended. */
  async #change(log: SqliteLog, version: number, deadline: number, stop: AbortSignal): Promise<void> {
    const written = new AbortController()
    const onWrite = () => written.abort()
    writes.on(this.#path, onWrite)
    try {
      await poll(log, version, deadline, AbortSignal.any([stop, written.signal]))
    } finally {
      writes.off(this.#path, onWrite)
    }
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new AurenError('AUREN_STREAM_CLOSED')
  }
}

async function openLog(path: string): Promise<SqliteLog> {
  for (const deadline = performance.now() + busyMs; ;) {
    try {
      return new SqliteLog(path)
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw toAurenError(error)
      await sleep(pollMs)
    }
  }
}

async function poll(log: SqliteLog, version: number, deadline: number, signal: AbortSignal): Promise<void> {
  for (let looks = 1; !signal.aborted; looks += 1) {
    const left = deadline - performance.now()
    if (left <= 0) return
    await sleep(Math.min(pollMs, left), undefined, { signal }).catch(() => undefined)
    if (signal.aborted || log.dataVersion() !== version) return
    if (looks % looksPerFileCheck === 0 && log.isReplaced()) return
  }
}

function readPage(log: SqliteLog, after: StreamPosition, limit: number): EventPage {
  const from = rowId(after)
  const { epoch, first, last } = log.bounds()
  const position = (id: number): StreamPosition => ({ epoch, id: String(id) })
  assertSameLife({ epoch, first }, after)
  if (from > last) throw new PositionLostError('future_cursor', position(last), null)
  if (from < first - 1) throw new PositionLostError('trimmed', position(first - 1), first - 1 - from)
  const rows = log.after(from, limit)
  const next = position(rows.at(-1)?.id ?? from)
  return { epoch, ...decode(rows), next, isEnd: rows.length < limit }
}

function assertSameLife({ epoch, first }: Pick<LogBounds, 'epoch' | 'first'>, position: StreamPosition): void {
  if (position.epoch !== epoch) throw new PositionLostError('epoch_changed', { epoch, id: String(first - 1) }, null)
}

function decode(rows: readonly StoredRow[]): Pick<EventPage, 'entries' | 'malformed'> {
  const entries: StreamEntry[] = []
  for (const row of rows) {
    const decoded = fromEventJson(String(row.event))
    if (decoded.ok) entries.push({ id: String(row.id), position: String(row.id), event: decoded.event })
  }
  return { entries, malformed: rows.length - entries.length }
}

function rowId({ id }: StreamPosition): number {
  const number = /^\d{1,15}$/.test(id) ? Number(id) : NaN
  if (Number.isNaN(number)) throw new AurenError('AUREN_POSITION_INVALID')
  return number
}
