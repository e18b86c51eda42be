import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startNode, temporaryFolder } from '../support/processes.ts'
import { startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { account, startProducer } from './producer.ts'

const files = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.db'))

/** A producer whose process is killed while Redis is away: the ids it gave its writer, and what it left. */
async function killedInOutage(url: string, padding = 0) {
  const folder = temporaryFolder()
  const running = startNode(['test/faults/endless-producer.ts', url, folder, String(padding)])
  await until('it spools', () => running.stderr().includes('spooling'))
  await until('it has spooled a while', () => running.stdout().length > 37 * 1_000)
  running.child.kill('SIGKILL')
  expect(await running.exited()).toBe('SIGKILL')
  const [name = ''] = files(folder)
  return { folder, path: join(folder, name), printed: running.stdout().trim().split('\n') }
}

describe('the spool', () => {
  it('full and with it the memory: detail goes before structure, and the hole is announced first (X-13, T-36)', async () => {
    const redis = await startRedis()
    await redis.kill()
    const producer = startProducer(redis.url, { maxSpoolBytes: 100_000, maxQueueEvents: 300 })
    producer.produce(200)
    await until('it spools', () => producer.writer.stats.state === 'spooling')
    for (let i = 0; i < 150; i += 1) {
      // What is alike takes no room on disk.
      const payload = { padding: randomBytes(1_000).toString('base64') }
      producer.produce(2, { event_type: 'llm_call_started', payload })
      producer.produce(1, { event_type: 'llm_call', payload })
      producer.produce(1, { event_type: 'heartbeat', payload })
    }
    await until('the disk is full', () => producer.writer.stats.state === 'holding')
    producer.produce(300, { event_type: 'heartbeat' })
    producer.produce(100, { event_type: 'agent_execution_completed' })
    expect(producer.writer.stats.dropped.queue_full).toBeGreaterThan(0)
    const { retries } = producer.writer.stats
    await until('the batch that was under way is back', () => producer.writer.stats.retries > retries)
    await redis.restart()
    expect(await producer.writer.flush(20_000)).toBe(true)
    const { types, gaps } = await account(redis.client, producer.produced)
    expect(types[0]).toBe('telemetry_gap')
    expect(new Set(gaps.map(({ reason }) => reason))).toEqual(new Set(['queue_full']))
    const count = (type: string) => types.filter((other) => other === type).length
    expect([count('llm_call'), count('agent_execution_completed')]).toEqual([350, 100])
  })

  it('that cannot be made: events wait in memory, bounded, and the hole is announced (X-13)', async () => {
    const redis = await startRedis()
    await redis.kill()
    const file = join(temporaryFolder(), 'a file')
    writeFileSync(file, '')
    const producer = startProducer(redis.url, { spoolFolder: join(file, 'spool'), maxQueueEvents: 1_000 })
    producer.produce(1_500)
    await until('it holds', () => producer.writer.stats.state === 'holding')
    expect(producer.writer.stats).toMatchObject({ spooledEvents: 0 })
    await redis.restart()
    expect(await producer.writer.flush(20_000)).toBe(true)
    expect(producer.states.slice(0, 2)).toEqual(['holding', 'writing'])
    expect((await account(redis.client, producer.produced)).gaps).toHaveLength(1)
  })

  it('of a process that was killed is taken over: what was on disk, in order, and a word on the rest (X-11, T-33)', async () => {
    const redis = await startRedis()
    await redis.kill()
    const { folder, printed } = await killedInOutage(redis.url)
    await redis.restart()
    const next = startProducer(redis.url, { spoolFolder: folder })
    next.produce(1)
    expect(await next.writer.flush(20_000)).toBe(true)
    expect(files(folder)).toEqual([])
    const recovered = next.writer.stats.adopted
    expect(recovered).toBeGreaterThan(500)
    const { gaps, delivered } = await account(redis.client, [...printed.slice(0, recovered), ...next.produced])
    expect(gaps).toMatchObject([{ reason: 'process_killed', producer: expect.stringMatching(/^\d+-/) as string }])
    expect(delivered).toHaveLength(recovered + 1)
  })

  it('whose end is torn off is read as far as it goes (X-11)', async () => {
    const redis = await startRedis()
    await redis.kill()
    const { folder, path, printed } = await killedInOutage(redis.url)
    const log = `${path}-wal`
    truncateSync(log, statSync(log).size - 10_000)
    await redis.restart()
    const next = startProducer(redis.url, { spoolFolder: folder })
    next.produce(1)
    expect(await next.writer.flush(20_000)).toBe(true)
    const recovered = next.writer.stats.adopted
    expect(recovered).toBeGreaterThan(0)
    await account(redis.client, [...printed.slice(0, recovered), ...next.produced])
  })

  it('that is no spool any more is announced and put away', async () => {
    const redis = await startRedis()
    const folder = temporaryFolder()
    writeFileSync(join(folder, '7-abcdefgh-1.db'), 'rubbish '.repeat(1_000))
    const producer = startProducer(redis.url, { spoolFolder: folder })
    producer.produce(1)
    expect(await producer.writer.flush()).toBe(true)
    const { gaps } = await account(redis.client, producer.produced)
    expect(gaps).toMatchObject([{ reason: 'spool_damaged', producer: '7-abcdefgh' }])
    expect(files(folder)).toEqual([])
  })

  it('damaged in the middle costs what cannot be read, and says so', async () => {
    const redis = await startRedis()
    await redis.kill()
    const { folder, path } = await killedInOutage(redis.url, 4_000)
    // Past the first checkpoint, events stand in the file itself: break it behind its first pages.
    truncateSync(path, Math.floor(statSync(path).size / 2 / 4_096) * 4_096)
    await redis.restart()
    const next = startProducer(redis.url, { spoolFolder: folder })
    next.produce(1)
    expect(await next.writer.flush(20_000)).toBe(true)
    const types = (await redis.client.xrange('auren:events', '-', '+')).map(([, fields]) => fields[9])
    expect(types).toContain('telemetry_gap')
    expect(types).toContain('llm_call')
    expect(files(folder)).toEqual([])
  })

  it('of a process that lives is left alone, also by processes of the same folder (X-14)', async () => {
    const redis = await startRedis()
    await redis.kill()
    const folder = temporaryFolder()
    const running = startNode(['test/faults/endless-producer.ts', redis.url, folder])
    await until('it spools', () => running.stderr().includes('spooling'))
    const producer = startProducer(redis.url, { spoolFolder: folder })
    producer.produce(100)
    await until('it spools, too', () => producer.writer.stats.spooledEvents === 100)
    expect(producer.writer.stats.adopted).toBe(0)
    expect(files(folder)).toHaveLength(2)
    running.child.kill('SIGKILL')
    await running.exited()
    await redis.restart()
    expect(await producer.writer.flush(20_000)).toBe(true)
    await account(redis.client, producer.produced)
  })

  it('whose folder is deleted under it still gives back its events', async () => {
    const redis = await startRedis()
    await redis.kill()
    const producer = startProducer(redis.url)
    producer.produce(500)
    await until('it spools', () => producer.writer.stats.spooledEvents === 500)
    rmSync(producer.spoolFolder, { recursive: true })
    producer.produce(100)
    await redis.restart()
    expect(await producer.writer.flush(20_000)).toBe(true)
    expect((await account(redis.client, producer.produced)).gaps).toEqual([])
  })
})

describe('an event that JSON cannot hold', () => {
  it('is dropped alone, counted and announced; the others of its batch are written (X-17)', async () => {
    const redis = await startRedis()
    const producer = startProducer(redis.url)
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    const throwing = {
      get value() {
        throw new Error('mine')
      },
    }
    producer.produce(10)
    for (const payload of [{ big: 1n }, cycle, throwing]) producer.produce(1, { payload })
    producer.produce(10)
    expect(await producer.writer.flush()).toBe(true)
    expect(producer.writer.stats.dropped.unencodable).toBe(3)
    const { gaps, delivered } = await account(redis.client, producer.produced)
    expect(new Set(gaps.map(({ reason }) => reason))).toEqual(new Set(['unencodable']))
    expect(delivered).toHaveLength(20)
  })

  it('is dropped alone on its way to disk, too', async () => {
    const redis = await startRedis()
    await redis.kill()
    const producer = startProducer(redis.url)
    producer.produce(10)
    await until('it spools', () => producer.writer.stats.spooledEvents === 10)
    producer.produce(1, { payload: { big: 1n } })
    producer.produce(10)
    await until('it spools', () => producer.writer.stats.spooledEvents === 20)
    await redis.restart()
    expect(await producer.writer.flush(20_000)).toBe(true)
    expect((await account(redis.client, producer.produced)).gaps).toMatchObject([{ reason: 'unencodable', dropped: 1 }])
  })
})
