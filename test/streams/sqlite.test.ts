import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sqliteStream } from '../../src/streams/sqlite.ts'
import { startNode } from '../support/processes.ts'
import { until } from '../support/until.ts'
import { events, idsOf, lost, numbered, open } from './cases/opened-stream.ts'
import { database, execute, folder, sqliteUnderTest } from './cases/sqlite-under-test.ts'
import { eventStreamSuite } from './event-stream-suite.ts'

describe('sqlite stream', () => {
  eventStreamSuite(() => Promise.resolve(sqliteUnderTest()))

  it('keeps about maxlen events', async () => {
    const stream = await open(`sqlite:${join(folder(), 'events.db')}?maxlen=10`)
    for (const id of numbered(50)) await stream.append(events(id))
    const { length, maxLength } = await stream.info()
    expect(maxLength).toBe(10)
    expect(length).toBeGreaterThanOrEqual(10)
    expect(length).toBeLessThanOrEqual(11)
  })

  it('shrinks a log that is far too long step by step, the oldest first', async () => {
    const url = `sqlite:${join(folder(), 'events.db')}`
    const long = await open(url)
    await long.append(events(...numbered(3_000)))
    const short = await open(`${url}?maxlen=100`)
    await short.append(events('next'))
    expect((await short.info()).length).toBe(2_501)
    for (const id of numbered(20)) await short.append(events(id))
    expect((await short.info()).length).toBeLessThanOrEqual(110)
    expect((await short.recent(1))[0]?.event.event_id).toBe('19')
  })

  it('makes files that only their owner can read, those beside the log included', async () => {
    const path = join(folder(), 'made', 'events.db')
    const stream = await open(`sqlite:${path}`)
    await stream.append(events('1'))
    const modes = readdirSync(join(path, '..')).map((name) => [name, statSync(join(path, '..', name)).mode & 0o777])
    expect(Object.fromEntries(modes)).toEqual({
      'events.db': 0o600,
      'events.db-shm': 0o600,
      'events.db-wal': 0o600,
    })
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700)
  })

  it('says so when the file is no event log', async () => {
    const path = join(folder(), 'notes.txt')
    await writeFile(path, 'these are notes, not a database, and long enough to be looked at as one\n'.repeat(20))
    await expect((await open(`sqlite:${path}`)).info()).rejects.toMatchObject({ code: 'AUREN_STREAM_WRONG_TYPE' })
    const other = join(folder(), 'other.db')
    execute(other, 'CREATE TABLE events (name TEXT)')
    await expect((await open(`sqlite:${other}`)).info()).rejects.toMatchObject({ code: 'AUREN_STREAM_WRONG_TYPE' })
    expect(() => execute(other, 'SELECT * FROM stream')).toThrow('no such table')
  })

  it('refuses events while another process keeps the file locked, and takes them afterwards', async () => {
    const path = join(folder(), 'events.db')
    const stream = await open(`sqlite:${path}`)
    const first = await stream.append(events('1'))
    const other = database(path)
    other.exec('BEGIN IMMEDIATE')
    await expect(stream.append(events('2'))).rejects.toMatchObject({
      failed: [{ event_id: '2' }],
      cause: { code: 'AUREN_STREAM_UNAVAILABLE' },
    })
    other.exec('COMMIT')
    other.close()
    await stream.append(events('2'))
    expect(idsOf(await stream.read(first))).toEqual(['2'])
  })

  it('says that the log is another one when its tables were made anew inside the same file', async () => {
    const path = join(folder(), 'events.db')
    const stream = await open(`sqlite:${path}`)
    const position = await stream.append(events('1'))
    execute(path, "UPDATE stream SET epoch = 'another'")
    expect((await lost(stream.read(position))).reason).toBe('epoch_changed')
  })

  it('wakes a waiting read that stands on a file which another process has replaced', async () => {
    const path = join(folder(), 'events.db')
    const stream = await open(`sqlite:${path}`)
    const position = await stream.append(events('1'))
    const waiting = lost(stream.read(position, { waitMs: 60_000 }))
    for (const name of ['', '-wal', '-shm']) rmSync(path + name)
    expect((await waiting).reason).toBe('epoch_changed')
  })

  it('wakes a waiting read when another call of its instance opens the file that stands there now', async () => {
    const path = join(folder(), 'events.db')
    const stream = await open(`sqlite:${path}`)
    const position = await stream.append(events('1'))
    const waiting = lost(stream.read(position, { waitMs: 60_000 }))
    await stream.info()
    for (const name of ['', '-wal', '-shm']) rmSync(path + name)
    await stream.info()
    expect((await waiting).reason).toBe('epoch_changed')
  })

  it('answers calls that were made just before the file was replaced', async () => {
    const path = join(folder(), 'events.db')
    const stream = await open(`sqlite:${path}`)
    await stream.append(events('1'))
    const before = [stream.info(), stream.recent(1)]
    for (const name of ['', '-wal', '-shm']) rmSync(path + name)
    const after = stream.append(events('2'))
    await Promise.all([...before, after])
    expect((await stream.info()).length).toBe(1)
  })

  it('waits for a file that another process is making', async () => {
    const path = join(folder(), 'events.db')
    const other = database(path)
    other.exec('BEGIN EXCLUSIVE')
    const opening = (await open(`sqlite:${path}`)).info()
    setTimeout(() => other.exec('COMMIT'), 300)
    expect((await opening).length).toBe(0)
    other.close()
  })

  it('opens a new file from several processes at the same moment, and says nothing on stderr', async () => {
    const path = join(folder(), 'events.db')
    const gate = join(folder(), 'gate')
    const program = `
      import { existsSync } from 'node:fs'
      import { sqliteStream } from './src/streams/sqlite.ts'
      import { anEvent } from './test/support/events.ts'
      process.stdout.write('ready ')
      while (!existsSync(${JSON.stringify(gate)}));
      const stream = sqliteStream(${JSON.stringify(path)})
      await stream.append([anEvent()])
      process.stdout.write((await stream.info()).epoch)
      await stream.close()`
    const running = Array.from({ length: 5 }, () => startNode(['--input-type=module-typescript', '-e', program]))
    await until('all are at the gate', () => running.every((child) => child.stdout() !== ''))
    writeFileSync(gate, '')
    for (const child of running) expect([await child.exited(), child.stderr()]).toEqual([0, ''])
    expect(new Set(running.map((child) => child.stdout())).size).toBe(1)
    const stream = sqliteStream(path)
    onTestFinished(() => stream.close())
    expect((await stream.info()).length).toBe(5)
  })
})
