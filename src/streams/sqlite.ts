import { setTimeout as sleep } from 'node:timers/promises'
import { AurenError } from '../errors.ts'
import type { AurenEvent } from '../events/event.ts'
import { fromEventJson } from '../events/stored-event.ts'
import { AppendError, PositionLostError } from './event-stream.ts'
import type { EventPage, EventStream, ReadOptions, StreamEntry, StreamInfo, StreamPosition } from './event-stream.ts'
import { SqliteLog, isBusy, toAurenError } from './sqlite-log.ts'
import type { StoredRow } from './sqlite-log.ts'

export interface SqliteStreamOptions {
  /** Events kept, default 50,000; up to a tenth more may stand until the next trim. */
  readonly maxLength?: number
}

/** Milliseconds between looks for what other processes wrote. A look costs about 5 µs. */
const pollMs = 10
/** Looks after which the file itself is checked: half a second. */
const looksPerFileCheck = 50
/** Attempts, `pollMs` apart, to open a file that other processes are creating at the same moment. */
const openAttempts = 100

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
  #log: SqliteLog | undefined
  #opening: Promise<SqliteLog> | undefined
  /** One for each waiting read. */
  readonly #waiting = new Set<AbortController>()

  constructor(path: string, maxLength: number) {
    this.name = `sqlite:${path}`
    this.#path = path
    this.#maxLength = maxLength
  }

  async append(events: readonly AurenEvent[]): Promise<StreamPosition> {
    try {
      const log = await this.#open()
      const last = log.append(
        events.map((event) => JSON.stringify(event)),
        this.#maxLength,
      )
      for (const wait of this.#waiting) wait.abort()
      return position(log, last)
    } catch (error) {
      if (isClosed(error)) throw error
      throw new AppendError(events, toAurenError(error))
    }
  }

  async read(after: StreamPosition, { limit = 500, waitMs = 0, signal }: ReadOptions = {}): Promise<EventPage> {
    const deadline = performance.now() + waitMs
    const stop = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal
    for (;;) {
      const log = await this.#open()
      const version = this.#guarded(() => log.dataVersion())
      const page = this.#guarded(() => log.consistently(() => readPage(log, after, limit)))
      const left = deadline - performance.now()
      if (page.entries.length > 0 || page.malformed > 0 || left <= 0 || stop.aborted) return page
      await this.#change(log, version, left, stop)
    }
  }

  async recent(limit: number): Promise<readonly StreamEntry[]> {
    const log = await this.#open()
    return this.#guarded(() => decode(log.newest(limit)).entries)
  }

  async info(): Promise<StreamInfo> {
    const log = await this.#open()
    const { first, last } = this.#guarded(() => log.bounds())
    return {
      epoch: log.epoch,
      length: last - first + 1,
      first: position(log, first - 1),
      last: position(log, last),
      maxLength: this.#maxLength,
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#opening?.catch(() => undefined)
    this.#log?.close()
    this.#log = undefined
  }

  async #open(): Promise<SqliteLog> {
    if (this.#closing.signal.aborted) throw new AurenError('AUREN_STREAM_CLOSED')
    if (this.#log?.isReplaced()) {
      this.#log.close()
      this.#log = undefined
    }
    if (this.#log !== undefined) return this.#log
    this.#opening ??= openLog(this.#path).finally(() => (this.#opening = undefined))
    const log = await this.#opening
    if (this.#closing.signal.aborted) {
      log.close()
      throw new AurenError('AUREN_STREAM_CLOSED')
    }
    this.#log = log
    return log
  }

  #guarded<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw error instanceof AurenError ? error : toAurenError(error)
    }
  }

  /** Resolves when this or another process wrote, the file was replaced, the time is over or the wait is ended. */
  async #change(log: SqliteLog, version: number, waitMs: number, stop: AbortSignal): Promise<void> {
    const ownWrite = new AbortController()
    this.#waiting.add(ownWrite)
    try {
      await this.#poll(log, version, performance.now() + waitMs, AbortSignal.any([stop, ownWrite.signal]))
    } finally {
      this.#waiting.delete(ownWrite)
    }
  }

  async #poll(log: SqliteLog, version: number, deadline: number, signal: AbortSignal): Promise<void> {
    for (let looks = 1; !signal.aborted; looks += 1) {
      const left = deadline - performance.now()
      if (left <= 0) return
      await sleep(Math.min(pollMs, left), undefined, { signal }).catch(() => undefined)
      if (signal.aborted || this.#guarded(() => log.dataVersion()) !== version) return
      if (looks % looksPerFileCheck === 0 && log.isReplaced()) return
    }
  }
}

async function openLog(path: string): Promise<SqliteLog> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return new SqliteLog(path)
    } catch (error) {
      if (!isBusy(error) || attempt >= openAttempts) throw toAurenError(error)
      await sleep(pollMs)
    }
  }
}

function readPage(log: SqliteLog, after: StreamPosition, limit: number): EventPage {
  const from = rowId(after)
  const { first, last } = log.bounds()
  const oldest = position(log, first - 1)
  if (after.epoch !== log.epoch) throw new PositionLostError('epoch_changed', oldest, null)
  if (from > last) throw new PositionLostError('future_position', position(log, last), null)
  if (from < first - 1) throw new PositionLostError('trimmed', oldest, first - 1 - from)
  const rows = log.after(from, limit)
  return { epoch: log.epoch, ...decode(rows), next: position(log, rows.at(-1)?.id ?? from) }
}

function decode(rows: readonly StoredRow[]): Pick<EventPage, 'entries' | 'malformed'> {
  const entries: StreamEntry[] = []
  for (const row of rows) {
    const decoded = fromEventJson(String(row.event))
    if (decoded.ok) entries.push({ id: String(row.id), event: decoded.event })
  }
  return { entries, malformed: rows.length - entries.length }
}

function position(log: SqliteLog, id: number): StreamPosition {
  return { epoch: log.epoch, id: String(id) }
}

function rowId({ id }: StreamPosition): number {
  const number = /^\d{1,15}$/.test(id) ? Number(id) : NaN
  if (Number.isNaN(number)) throw new AurenError('AUREN_POSITION_INVALID')
  return number
}

function isClosed(error: unknown): boolean {
  return error instanceof AurenError && error.code === 'AUREN_STREAM_CLOSED'
}
