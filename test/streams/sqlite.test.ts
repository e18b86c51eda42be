import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStream } from '../../src/streams/open-stream.ts'
import { sqliteStream } from '../../src/streams/sqlite.ts'
import { anEvent } from '../support/events.ts'
import { eventStreamSuite } from './event-stream-suite.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'auren-sqlite-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

function execute(path: string, sql: string, ...values: (number | string)[]): void {
  const database = new DatabaseSync(path, { timeout: 1_000 })
  database.prepare(sql).run(...values)
  database.close()
}

describe('sqlite stream', () => {
  eventStreamSuite(() => {
    const path = join(folder(), 'deep', 'events.db')
    return Promise.resolve({
      url: `sqlite:${path}`,
      futureId: '1000000',
      trim: (keep) => {
        execute(path, 'DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?', keep)
        return Promise.resolve()
      },
      destroy: () => {
        for (const name of readdirSync(join(path, '..'))) rmSync(join(path, '..', name))
        return Promise.resolve()
      },
      addGarbage: () => {
        execute(path, "INSERT INTO events (event) VALUES ('{')")
        return Promise.resolve()
      },
    })
  })

  it('keeps about maxlen events', async () => {
    const stream = await openStream(`sqlite:${join(folder(), 'events.db')}?maxlen=10`)
    onTestFinished(() => stream.close())
    for (let i = 0; i < 50; i += 1) await stream.append([anEvent()])
    const { length, maxLength } = await stream.info()
    expect(maxLength).toBe(10)
    expect(length).toBeGreaterThanOrEqual(10)
    expect(length).toBeLessThanOrEqual(11)
  })

  it('makes a file that only its owner can read', async () => {
    const path = join(folder(), 'events.db')
    const stream = sqliteStream(path)
    await stream.append([anEvent()])
    await stream.close()
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('says so when the file is no event log', async () => {
    const path = join(folder(), 'notes.txt')
    await writeFile(path, 'these are notes, not a database, and long enough to be looked at as one\n'.repeat(20))
    const stream = sqliteStream(path)
    onTestFinished(() => stream.close())
    await expect(stream.info()).rejects.toMatchObject({ code: 'AUREN_STREAM_WRONG_TYPE' })
  })

  it('opens a new file from several instances at the same moment', async () => {
    const path = join(folder(), 'events.db')
    const streams = Array.from({ length: 8 }, () => sqliteStream(path))
    onTestFinished(async () => void (await Promise.all(streams.map((stream) => stream.close()))))
    const epochs = await Promise.all(streams.map(async (stream) => (await stream.info()).epoch))
    expect(new Set(epochs).size).toBe(1)
  })
})
