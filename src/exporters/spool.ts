import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { producerId } from './producer-id.ts'
import { SpoolFile, removeSpool } from './spool-file.ts'

export interface SpoolOptions {
  /** Folder of the spools of one stream; made when it is needed. */
  readonly folder: string
  /** Bytes that the file of this process may have. Default 256 MiB. */
  readonly maxBytes?: number
}

/** What a process left on disk. */
export interface Orphan {
  /** The process that wrote it. */
  readonly producer: string
  /** When it wrote last: milliseconds since the epoch. */
  readonly lastWriteMs: number
  /** Undefined when it could not be read; it is gone now. */
  readonly file?: SpoolFile
}

/** Names of files within one process are told apart, since each writer has its own. */
let opened = 0

/** Where events wait on disk while their stream is away: one file for each writer, in a folder of the stream's own. */
export class Spool {
  readonly folder: string
  readonly #maxBytes: number
  #own: SpoolFile | undefined

  constructor({ folder, maxBytes = 256 * 1024 * 1024 }: SpoolOptions) {
    this.folder = folder
    this.#maxBytes = maxBytes
  }

  /** The file of this writer, if it has one. */
  get own(): SpoolFile | undefined {
    return this.#own
  }

  /** The file of this writer, made now when there is none. Throws when the disk refuses it. */
  open(): SpoolFile {
    if (this.#own) return this.#own
    mkdirSync(this.folder, { recursive: true, mode: 0o700 })
    opened += 1
    return (this.#own = new SpoolFile(join(this.folder, `${producerId}-${opened}.db`), this.#maxBytes))
  }

  /** Deletes the file of this writer. */
  discard(): void {
    this.#own?.destroy()
    this.#own = undefined
  }

  /** Takes over the files of processes that have ended, oldest first. A file in use is left alone. Never throws. */
  adopt(): Orphan[] {
    return this.#others().flatMap(({ path, lastWriteMs }) => {
      const producer = basename(path).replace(/-\d+\.db$/, '')
      try {
        return [{ producer, lastWriteMs, file: new SpoolFile(path, this.#maxBytes) }]
      } catch (error) {
        if (!isDamaged(error)) return []
        removeSpool(path)
        return [{ producer, lastWriteMs }]
      }
    })
  }

  #others() {
    try {
      return readdirSync(this.folder)
        .filter((name) => name.endsWith('.db'))
        .map((name) => join(this.folder, name))
        .filter((path) => path !== this.#own?.path)
        .map((path) => ({ path, lastWriteMs: Math.max(modified(path), modified(`${path}-wal`)) }))
        .toSorted((a, b) => a.lastWriteMs - b.lastWriteMs)
    } catch {
      return []
    }
  }
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/**
 * The folder for a stream: by its name rather than its URL, which may hold a password, so that one process never sends
 * another's events to another stream. `AUREN_SPOOL_DIR` moves all of them from `~/.auren/spool`.
 */
export function spoolFolder(streamName: string, directory: string | undefined): string {
  const digest = createHash('sha256').update(streamName).digest('hex').slice(0, 16)
  return join(directory ?? join(homedir(), '.auren', 'spool'), digest)
}

/** SQLite's own result codes (sqlite.org/rescode.html): 11 corrupt, 26 not a database. */
function isDamaged(error: unknown): boolean {
  const code = (error as { errcode?: unknown } | null)?.errcode
  return typeof code === 'number' && [11, 26].includes(code & 0xff)
}
