import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import type { StreamUnderTest } from './opened-stream.ts'

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'auren-sqlite-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export function database(path: string): DatabaseSync {
  return new DatabaseSync(path, { timeout: 1_000 })
}

export function execute(path: string, sql: string, ...values: (number | string)[]): void {
  const opened = database(path)
  opened.prepare(sql).run(...values)
  opened.close()
}

/** A log of the test's own, and what happens to it behind a stream's back. */
export function sqliteUnderTest(): StreamUnderTest {
  const path = join(folder(), 'deep', 'events.db')
  return {
    url: `sqlite:${path}`,
    futureId: '1000000',
    trim: (keep) =>
      Promise.resolve(execute(path, 'DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?', keep)),
    destroy: () => {
      for (const name of readdirSync(join(path, '..'))) rmSync(join(path, '..', name))
      return Promise.resolve()
    },
    addGarbage: () => Promise.resolve(execute(path, "INSERT INTO events (event) VALUES ('{')")),
  }
}
