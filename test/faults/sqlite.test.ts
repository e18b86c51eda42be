import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { spawnSync } from 'node:child_process'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStream } from '../../src/streams/open-stream.ts'
import { root, temporaryFolder } from '../support/processes.ts'
import { until } from '../support/until.ts'
import { startProducer } from './producer.ts'

async function idsIn(path: string): Promise<string[]> {
  const stream = await openStream(`sqlite:${path}`)
  onTestFinished(() => stream.close())
  return (await stream.recent(100_000)).map(({ event }) => event.event_id).reverse()
}

describe('the writer, when its SQLite log', () => {
  it('is locked by another program, spools without holding the thread, and writes everything afterwards', async () => {
    const path = join(temporaryFolder(), 'events.db')
    const producer = startProducer(`sqlite:${path}`)
    producer.produce(1)
    await producer.writer.flush()
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec('BEGIN IMMEDIATE')
    let turns = 0
    const timer = setInterval(() => (turns += 1), 1)
    onTestFinished(() => clearInterval(timer))
    producer.produce(500)
    await until('it spools', () => producer.writer.stats.spooledEvents === 500)
    await until('other work goes on meanwhile', () => turns > 10)
    other.exec('COMMIT')
    expect(await producer.writer.flush(20_000)).toBe(true)
    expect(await idsIn(path)).toEqual(producer.produced)
    expect(producer.writer.stats.dropped).toEqual({ queue_full: 0, unencodable: 0, too_large: 0, closed: 0 })
  })

  it('is deleted, goes on in a new one', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'events.db')
    const producer = startProducer(`sqlite:${path}`)
    producer.produce(1)
    await producer.writer.flush()
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix)
    producer.produce(10)
    expect(await producer.writer.flush(20_000)).toBe(true)
    expect(await idsIn(path)).toEqual(producer.produced.slice(1))
  })

  it('and its spool have no room left, the agent works on and says what was lost (X-13)', () => {
    const folder = temporaryFolder()
    const lines = `
      import { randomBytes } from 'node:crypto'
      import { agent, startAuren } from 'auren-observability'
      await agent('lead', () => 1)
      // The spool packs what repeats.
      const name = () => randomBytes(500).toString('hex')
      for (let i = 0; i < 300; i += 1) await agent('lead', (run) => run.tool(name(), () => 1))
      await startAuren().flush()
      console.log('done')
      process.exit(9)`
    const args = ['--import', 'auren-observability/register', '--input-type=module', '--eval', lines]
    // The limit of the shell is on the size of each file, in blocks of 512 bytes: SQLite sees a full disk.
    const agent = spawnSync('sh', ['-c', 'ulimit -f 300; exec "$0" "$@"', process.execPath, ...args], {
      cwd: root,
      env: { PATH: process.env['PATH'], HOME: folder, OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
      encoding: 'utf8',
    })
    expect(agent.stderr).toMatch(/AUREN events were lost at the end of the process/)
    expect(agent.stdout).toBe('done\n')
    expect(agent.status).toBe(9)
  })
})
