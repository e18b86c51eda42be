import { rmSync, statSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { AurenEvent } from '../events/event.ts'
import { fromEventJson } from '../events/stored-event.ts'
import { createPrivately, inodeOf } from '../streams/private-file.ts'

interface StoredRow {
  readonly id: number
  readonly count: number
  readonly events: Uint8Array
}

/** Rows of the file, by the ids of the first and the last, and how many events they hold. */
export interface Rows {
  readonly from: number
  readonly through: number
  readonly count: number
}

export interface SpooledEvents extends Rows {
  readonly events: readonly AurenEvent[]
  /** How many of them were no events any more. */
  readonly unreadable: number
}

const pageBytes = 4_096

/** Events of one row, which are compressed together: enough to find what they share, few enough for a slow link. */
const rowEvents = 32

/** First id given; there must be room before it for what is put in front. */
const firstId = 1_000_000_000

/**
 * Events on disk, oldest first, in an SQLite file that one process has open at a time: the lock is the system's own and goes
 * with the process, so that whoever can open the file may take it over. Write-ahead mode survives a process that is
 * killed at any point; nothing waits for the disk (`synchronous=OFF`), so a power cut may cost what it had not taken yet.
 * Methods are synchronous and throw SQLite's errors.
 */
export class SpoolFile {
  readonly path: string
  readonly #database: DatabaseSync
  readonly #insert: StatementSync
  readonly #select: StatementSync
  readonly #delete: StatementSync
  #isEnded: boolean
  #first: number
  #next: number
  /** Rows up to here were removed, but the disk did not let them go. */
  #stuckThrough = -1
  #length: number

  /** Throws also when another process has the file, or nobody is left who can find it. */
  constructor(path: string, maxBytes: number) {
    this.path = path
    createPrivately(path)
    const inode = inodeOf(path)
    this.#database = openLocked(path, maxBytes)
    try {
      if (inodeOf(path) !== inode) throw new Error('The spool file was taken over by another process.')
      this.#insert = this.#database.prepare('INSERT INTO rows (id, count, events) VALUES (?, ?, ?)')
      this.#select = this.#database.prepare('SELECT id, count, events FROM rows WHERE id > ? ORDER BY id LIMIT ?')
      this.#delete = this.#database.prepare('DELETE FROM rows WHERE id BETWEEN ? AND ?')
      const { first, last, count } = this.#database
        .prepare('SELECT min(id) AS first, max(id) AS last, ifnull(sum(count), 0) AS count FROM rows')
        .get() as { first: number | null; last: number | null; count: number }
      this.#first = first ?? firstId
      this.#next = (last ?? firstId - 1) + 1
      this.#length = count
      this.#isEnded = this.#database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'ended'").get() !== undefined
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  get length(): number {
    return this.#length
  }

  /** Size of the file; what was read and removed makes room in it, but does not shrink it. */
  get bytes(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0
  }

  append(texts: readonly string[]): void {
    const rows = inRows(texts)
    this.#store(rows, this.#next)
    this.#next += rows.length
  }

  /** Puts events before all others. */
  prepend(texts: readonly string[]): Rows {
    const rows = inRows(texts)
    const from = this.#first - rows.length
    this.#store(rows, from)
    this.#first = from
    return { from, through: from + rows.length - 1, count: texts.length }
  }

  /** The oldest events, so many or those of one row, or undefined when there are none. */
  read(limit: number): SpooledEvents | undefined {
    const most = Math.max(1, Math.floor(limit / rowEvents))
    const rows = this.#select.all(this.#stuckThrough, most) as unknown as StoredRow[]
    const [from, through] = [rows[0]?.id, rows.at(-1)?.id]
    if (from === undefined || through === undefined) return undefined
    const events = rows.flatMap(eventsOf)
    const count = rows.reduce((sum, row) => sum + row.count, 0)
    return { events, count, unreadable: count - events.length, from, through }
  }

  /** Forgets rows: they are not read again, even if the disk refuses to let them go. Never throws. */
  remove({ from, through, count }: Rows): void {
    try {
      this.#delete.run(from, through)
      this.#length -= count
    } catch {
      // After a restart they would be written twice, under the same ids.
      this.#stuckThrough = through
    }
  }

  /** Whether the process ended in order after its last event, so that nothing is missing behind it. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  markEnded(): void {
    this.#database.exec('CREATE TABLE IF NOT EXISTS ended (at)')
    this.#isEnded = true
  }

  close(): void {
    this.#database.close()
  }

  /** Closes the file and deletes it. */
  destroy(): void {
    // Before the lock is given up: nobody may take over a file that is about to go.
    removeSpool(this.path)
    this.close()
  }

  #store(rows: readonly (readonly string[])[], from: number): void {
    if (rows.length === 0) return
    this.#database.exec('BEGIN')
    try {
      if (this.#isEnded) this.#database.exec('DROP TABLE ended')
      rows.forEach((texts, index) => this.#insert.run(from + index, texts.length, compress(texts)))
      this.#database.exec('COMMIT')
    } catch (error) {
      this.#rollBack()
      throw error
    }
    this.#isEnded = false
    this.#length += rows.reduce((sum, texts) => sum + texts.length, 0)
  }

  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK')
    } catch {
      // After a full disk SQLite has rolled back by itself; the first error says why.
    }
  }
}

function inRows(texts: readonly string[]): string[][] {
  const rows = Math.ceil(texts.length / rowEvents)
  return Array.from({ length: rows }, (_, row) => texts.slice(row * rowEvents, (row + 1) * rowEvents))
}

/** The fastest level makes a tenth of them, in some 3 µs for an event. Texts of JSON have no line ends. */
function compress(texts: readonly string[]): Uint8Array {
  return zstdCompressSync(texts.join('\n'), { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
}

function eventsOf({ events }: StoredRow): AurenEvent[] {
  try {
    const decoded = zstdDecompressSync(events).toString().split('\n').map(fromEventJson)
    return decoded.flatMap((entry) => (entry.ok ? [entry.event] : []))
  } catch {
    return []
  }
}

export function removeSpool(path: string): void {
  for (const suffix of ['', '-wal', '-journal']) rmSync(path + suffix, { force: true })
}

function openLocked(path: string, maxBytes: number): DatabaseSync {
  // Loaded when the first event goes to disk; Node 22 says on stderr that it is experimental.
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF')
    database.exec(`PRAGMA max_page_count = ${Math.max(8, Math.floor(maxBytes / pageBytes))}`)
    database.exec(
      'CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, count INTEGER NOT NULL, events BLOB NOT NULL)',
    )
    // A file that existed is only locked by a write.
    database.exec('BEGIN IMMEDIATE; COMMIT')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
