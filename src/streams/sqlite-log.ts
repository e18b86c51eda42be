import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import { AurenError } from '../errors.ts'
import { createPrivately, inodeOf } from './private-file.ts'

export interface StoredRow {
  readonly id: number
  readonly event: string
}

export interface LogBounds {
  /** Which life of the log this is: another one when the file was replaced or its tables were made anew. */
  readonly epoch: string
  /** Id of the oldest row, or one past the newest when there is none. */
  readonly first: number
  /** Highest id ever given. */
  readonly last: number
}

/**
 * Milliseconds for which a statement waits for another process's write. node:sqlite is synchronous, so this is also how
 * long an agent could be held up: beyond it the statement fails, and is tried again without holding the thread.
 */
const busyTimeoutMs = 2

/**
 * Rows above the maximum that are tolerated before the oldest are deleted: a tenth of it, but no more than this, and no
 * more than this are deleted at once. A trim runs in an agent's own thread; 500 rows take about 2 ms.
 */
const trimRows = 500

/** The file: a table of events in write-ahead mode. All methods are synchronous; ids never repeat, even after a trim. */
export class SqliteLog {
  readonly path: string
  readonly #database: DatabaseSync
  readonly #inode: number
  readonly #insert: StatementSync
  readonly #select: StatementSync
  readonly #newest: StatementSync
  readonly #bounds: StatementSync
  readonly #trim: StatementSync
  readonly #dataVersion: StatementSync

  /** Throws an SQLite error; `isBusy` says whether it may go when tried again. */
  constructor(path: string) {
    this.path = path
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    createPrivately(path)
    this.#database = new DatabaseSync(path, { timeout: busyTimeoutMs })
    try {
      prepare(this.#database)
      this.#insert = this.#database.prepare('INSERT INTO events (event) VALUES (?)')
      this.#select = this.#database.prepare('SELECT id, event FROM events WHERE id > ? ORDER BY id LIMIT ?')
      this.#newest = this.#database.prepare('SELECT id, event FROM events WHERE id < ? ORDER BY id DESC LIMIT ?')
      this.#bounds = this.#database.prepare(
        `SELECT (SELECT epoch FROM stream) AS epoch, (SELECT min(id) FROM events) AS first,
           (SELECT seq FROM sqlite_sequence WHERE name = 'events') AS last`,
      )
      this.#trim = this.#database.prepare('DELETE FROM events WHERE id <= ?')
      this.#dataVersion = this.#database.prepare('PRAGMA data_version')
    } catch (error) {
      this.#database.close()
      throw error
    }
    this.#inode = inodeOf(path) ?? 0
  }

  /** All or nothing, and trims what exceeds `maxLength`. */
  append(events: readonly string[], maxLength: number): LogBounds {
    return inTransaction(this.#database, () => {
      for (const event of events) this.#insert.run(event)
      const bounds = this.bounds()
      const excess = bounds.last - bounds.first + 1 - maxLength
      if (excess >= Math.min(trimRows, Math.ceil(maxLength / 10))) {
        // Never less than what came in, so that the file stops growing whatever the size of the batches.
        this.#trim.run(bounds.first - 1 + Math.min(excess, Math.max(trimRows, events.length)))
      }
      return bounds
    })
  }

  /** Runs reads on one state of the file, so that a trim between two of them cannot go unnoticed. */
  consistently<T>(reads: () => T): T {
    this.#database.exec('BEGIN')
    try {
      return reads()
    } finally {
      this.#database.exec('COMMIT')
    }
  }

  after(id: number, limit: number): StoredRow[] {
    return this.#select.all(id, limit) as unknown as StoredRow[]
  }

  newest(limit: number, below = Number.MAX_SAFE_INTEGER): StoredRow[] {
    return this.#newest.all(below, limit) as unknown as StoredRow[]
  }

  bounds(): LogBounds {
    const row = this.#bounds.get() as { epoch: string | null; first: number | null; last: number | null }
    const last = row.last ?? 0
    return { epoch: row.epoch ?? '', first: row.first ?? last + 1, last }
  }

  /** Changes when another connection has written, and when this one is closed. About 5 µs. */
  dataVersion(): number {
    if (!this.#database.isOpen) return -1
    return (this.#dataVersion.get() as { data_version: number }).data_version
  }

  /** Whether the path now holds another file than the one that is open, or none. */
  isReplaced(): boolean {
    return inodeOf(this.path) !== this.#inode
  }

  close(): void {
    this.#database.close()
  }
}

function prepare(database: DatabaseSync): void {
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
  inTransaction(database, () => {
    database.exec('CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL)')
    // Throws when somebody else's table has that name, before anything of ours stands beside it.
    database.prepare('SELECT id, event FROM events')
    database.exec('CREATE TABLE IF NOT EXISTS stream (epoch TEXT NOT NULL)')
    database
      .prepare('INSERT INTO stream (epoch) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM stream)')
      .run(randomBytes(6).toString('hex'))
  })
}

function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    try {
      database.exec('ROLLBACK')
    } catch {
      // After a full disk SQLite has rolled back by itself; the first error says why.
    }
    throw error
  }
}

/** SQLite's own result codes (sqlite.org/rescode.html): 5 busy, 6 locked, 11 corrupt, 13 full, 26 not a database. */
function resultCode(error: unknown): number {
  const code = (error as { errcode?: unknown } | null)?.errcode
  return typeof code === 'number' ? code & 0xff : 0
}

export function isBusy(error: unknown): boolean {
  return [5, 6].includes(resultCode(error))
}

/** The driver's error as one of ours. */
export function toAurenError(error: unknown): AurenError {
  if (error instanceof AurenError) return error
  if (resultCode(error) === 13) return new AurenError('AUREN_STREAM_FULL', { cause: error })
  const noDatabase = [11, 26].includes(resultCode(error)) || /no such (column|table)|has no column/.test(String(error))
  return new AurenError(noDatabase ? 'AUREN_STREAM_WRONG_TYPE' : 'AUREN_STREAM_UNAVAILABLE', { cause: error })
}
