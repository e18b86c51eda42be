import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { startNode, temporaryFolder, temporaryLog } from '../support/processes.ts'
import { startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { startProducer } from './producer.ts'

async function eventsIn(url: string): Promise<AurenEvent[]> {
  const stream = await openStream(url)
  onTestFinished(() => stream.close())
  return (await stream.recent(1_000)).map(({ event }) => event).reverse()
}

function runAgent(lines: string, env: Readonly<Record<string, string>>) {
  const code = `import { agent, startAuren } from 'auren-observability'; ${lines}`
  const args = ['--import', 'auren-observability/register', '--input-type=module', '--eval', code]
  return startNode(args, { OTEL_EXPORTER_PROMETHEUS_PORT: '0', ...env })
}

describe('the clock', () => {
  const hour = 3_600_000

  it('of an agent is set back while a step runs: its latency is what it took, and its order is that of arrival (X-15)', async () => {
    const log = temporaryLog()
    const setBack = `const now = Date.now; Date.now = () => now() - ${hour}`
    const agent = runAgent(
      `await agent('lead', async () => { ${setBack}; await new Promise((done) => setTimeout(done, 50)) })
       await agent('next', () => 1)`,
      { AUREN_STREAM_URL: log },
    )
    expect(await agent.exited()).toBe(0)
    const events = await eventsIn(log)
    expect(events.map(({ event_type: type, source_agent: agent }) => `${agent?.id} ${type}`)).toEqual([
      'lead agent_execution_started',
      'lead agent_execution_completed',
      'next agent_execution_started',
      'next agent_execution_completed',
    ])
    // The fault is in the events: the second run began before the first.
    const [first = 0, , third = 0] = events.map(({ timestamp }) => Date.parse(timestamp))
    expect(first - third).toBeGreaterThan(hour / 2)
    const latency = events[1]?.performance_metrics?.latency_ms ?? NaN
    expect(latency).toBeGreaterThan(40)
    expect(latency).toBeLessThan(hour / 2)
  })

  it('of an agent is a year off: nothing is trimmed for it, and readers go on from where they were (X-15)', async () => {
    const redis = await startRedis()
    const producer = startProducer(redis.url, { open: () => openStream(redis.url) })
    const stream = await openStream(redis.url)
    onTestFinished(() => stream.close())
    const years = ['2025', '2027', '2026']
    for (const year of years) producer.produce(100, { timestamp: `${year}-11-21T04:30:00.123+00:00` })
    expect(await producer.writer.flush()).toBe(true)
    const read = await stream.read((await stream.info()).first, { limit: 150 })
    const rest = await stream.read(read.next)
    const seen = [...read.entries, ...rest.entries].map(({ event }) => event)
    expect(seen.map(({ event_id: id }) => id)).toEqual(producer.produced)
    expect([...new Set(seen.map(({ timestamp }) => timestamp.slice(0, 4)))]).toEqual(years)
  })

  it('of Redis was ahead for a while: what comes behind it is written and read in order (X-16)', async () => {
    const redis = await startRedis()
    const producer = startProducer(redis.url, { open: () => openStream(redis.url) })
    producer.produce(100)
    expect(await producer.writer.flush()).toBe(true)
    // As a clock that was an hour ahead leaves the stream.
    const [newest] = await redis.client.xrevrange('auren:events', '+', '-', 'COUNT', 1)
    const ahead = `${Date.now() + hour}-0`
    await redis.client.xadd('auren:events', ahead, ...(newest?.[1] ?? []))
    const stream = await openStream(redis.url)
    onTestFinished(() => stream.close())
    const { last } = await stream.info()
    producer.produce(600)
    expect(await producer.writer.flush()).toBe(true)
    const pages = [await stream.read(last)]
    pages.push(await stream.read(pages[0]?.next ?? last))
    const entries = pages.flatMap((page) => page.entries)
    expect(entries.map(({ event }) => event.event_id)).toEqual(producer.produced.slice(100))
    // The fault is there: Redis counts on from the time that has not come yet.
    expect(new Set(entries.map(({ id }) => id.split('-')[0]))).toEqual(new Set([ahead.split('-')[0]]))
  })
})

describe('threads of one process', () => {
  it('write side by side through an outage, each in its order, and leave each other’s spools alone (X-18)', async () => {
    const redis = await startRedis()
    const folder = temporaryFolder()
    await redis.kill()
    const threads = Array.from({ length: 2 }, () => {
      const workerData = { url: redis.url, folder, events: 1_000 }
      const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData })
      onTestFinished(async () => void (await worker.terminate()))
      const told: { state?: string; produced?: string[]; flushed?: boolean; adopted?: number }[] = []
      worker.on('message', (message) => told.push(message as (typeof told)[number]))
      return { told, ended: once(worker, 'exit') }
    })
    await until('both spool', () => threads.every(({ told }) => told.some(({ state }) => state === 'spooling')))
    await redis.restart()
    await Promise.all(threads.map(({ ended }) => ended))
    const results = threads.map(({ told }) => told.find(({ produced }) => produced !== undefined))
    expect(results).toMatchObject([
      { flushed: true, adopted: 0 },
      { flushed: true, adopted: 0 },
    ])
    const all = (await redis.client.xrange('auren:events', '-', '+')).map(([, fields]) => fields[1])
    for (const result of results) {
      const own = new Set(result?.produced)
      // An event whose answer was late is there twice.
      expect([...new Set(all.filter((id) => own.has(id ?? '')))]).toEqual(result?.produced)
    }
  })
})

describe('the stream key', () => {
  it('is changed while events of the old one wait on disk: they go to the old one, and no new ones do (X-19)', async () => {
    const redis = await startRedis()
    const spool = temporaryFolder()
    const [old, other] = [`${redis.url}?stream=auren:old`, `${redis.url}?stream=auren:new`]
    const work = (name: string, url: string) =>
      runAgent(`await agent('${name}', () => 1)`, { AUREN_STREAM_URL: url, AUREN_SPOOL_DIR: spool }).exited()
    await redis.kill()
    expect(await work('before', old)).toBe(0)
    await redis.restart()
    expect(await work('after', other)).toBe(0)
    const agents = async (url: string) => (await eventsIn(url)).map(({ source_agent: agent }) => agent?.id)
    expect(await agents(other)).toEqual(['after', 'after'])
    expect(await agents(old)).toEqual([])
    expect(await work('back', old)).toBe(0)
    expect(await agents(old)).toEqual(['before', 'before', 'back', 'back'])
    expect(await agents(other)).toEqual(['after', 'after'])
  })
})
