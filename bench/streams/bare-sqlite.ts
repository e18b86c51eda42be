import { DatabaseSync } from 'node:sqlite'
import type { Bare } from './bare.ts'

/** `INSERT` in a transaction, `SELECT` by 500. */
export function bareSqlite(path: string): Bare {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
  database.exec('CREATE TABLE events (id INTEGER PRIMARY KEY, event TEXT)')
  const insert = database.prepare('INSERT INTO events (event) VALUES (?)')
  const select = database.prepare('SELECT id, event FROM events WHERE id > ? ORDER BY id LIMIT 500')
  return {
    append: (events) => {
      database.exec('BEGIN')
      for (const event of events) insert.run(JSON.stringify(event))
      database.exec('COMMIT')
      return Promise.resolve()
    },
    openTail: () =>
      Promise.resolve((count) => {
        for (let after = 0; after < count;) after += select.all(after).length
        return Promise.resolve()
      }),
    close: () => Promise.resolve(database.close()),
  }
}
