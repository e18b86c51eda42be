import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStream } from '../../src/streams/open-stream.ts'
import { startNode, temporaryFolder, temporaryLog } from '../support/processes.ts'
import { startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'

const work = "await agent('lead', (run) => run.tool('scales', () => 1));"
const whole = ['agent_execution_started', 'tool_usage_started', 'tool_usage', 'agent_execution_completed']

/** Nobody listens there: as good as a Redis that is down. */
const nowhere = 'redis://127.0.0.1:1'

function run(lines: string, env: Readonly<Record<string, string>>) {
  const imports = "import { agent, startAuren } from 'auren-observability';"
  const args = ['--import', 'auren-observability/register', '--input-type=module', '--eval', `${imports}${lines}`]
  return startNode(args, { OTEL_EXPORTER_PROMETHEUS_PORT: '0', ...env })
}

async function eventsIn(url: string) {
  const stream = await openStream(url)
  onTestFinished(() => stream.close())
  return (await stream.recent(1_000)).map(({ event }) => event).reverse()
}

const typesIn = async (url: string) => (await eventsIn(url)).map(({ event_type: type }) => type)

/** Files in the spool, whatever stream they are for. */
const spooled = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.db'))

/** A first process leaves its events on disk, a second one takes them along: what the stream holds in the end. */
async function afterTheNextProcess(spool: string, end: (redisUrl: string) => Promise<void>) {
  const redis = await startRedis()
  await redis.kill()
  await end(redis.url)
  expect(spooled(spool)).toHaveLength(1)
  await redis.restart()
  const next = run("await agent('next', () => 1);", { AUREN_STREAM_URL: redis.url, AUREN_SPOOL_DIR: spool })
  expect(await next.exited()).toBe(0)
  expect(next.stderr()).toBe('')
  expect(spooled(spool)).toEqual([])
  return eventsIn(redis.url)
}

describe('a process that ends', () => {
  it.each([
    ['process.exit() in the middle', `${work} process.exit(3)`, 3],
    ['an exception nobody catches', `${work} throw new RangeError('mine')`, 1],
    ['a rejection nobody handles', `${work} Promise.reject(new RangeError('mine')); await new Promise(() => {})`, 1],
  ])('by %s has written every event to an SQLite log, and its exit code is its own', async (_how, lines, code) => {
    const log = temporaryLog()
    const agent = run(`${work} await startAuren().flush(); ${lines}`, { AUREN_STREAM_URL: log })
    expect(await agent.exited()).toBe(code)
    expect(agent.stderr()).not.toContain('AurenWarning')
    expect(await typesIn(log)).toEqual([...whole, ...whole])
  })

  it.each([
    ['process.exit()', `${work} process.exit(3)`, 3],
    ['an exception nobody catches', `${work} throw new RangeError('mine')`, 1],
    ['having nothing left to do', work, 0],
  ])('by %s while Redis is away leaves its events to the next process, in order', async (_how, lines, code) => {
    const spool = temporaryFolder()
    const events = await afterTheNextProcess(spool, async (url) => {
      const agent = run(lines, { AUREN_STREAM_URL: url, AUREN_SPOOL_DIR: spool })
      expect(await agent.exited()).toBe(code)
    })
    expect(events.map(({ event_type: type }) => type)).toEqual([
      ...whole,
      'agent_execution_started',
      'agent_execution_completed',
    ])
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('by %s is ended by it, its events written', async (signal) => {
    const redis = await startRedis()
    const agent = run(`${work} console.log('ready'); setInterval(() => {}, 1_000);`, { AUREN_STREAM_URL: redis.url })
    await until('it works', () => agent.stdout().includes('ready'))
    agent.child.kill(signal)
    expect(await agent.exited()).toBe(signal)
    expect(await typesIn(redis.url)).toEqual(whole)
  })

  it('by SIGTERM while Redis is away is ended by it, its events on disk', async () => {
    const spool = temporaryFolder()
    const events = await afterTheNextProcess(spool, async (url) => {
      const lines = `${work} console.log('ready'); setInterval(() => {}, 1_000);`
      const agent = run(lines, { AUREN_STREAM_URL: url, AUREN_SPOOL_DIR: spool })
      await until('it works', () => agent.stdout().includes('ready'))
      agent.child.kill('SIGTERM')
      expect(await agent.exited()).toBe('SIGTERM')
    })
    expect(events.slice(0, 4).map(({ event_type: type }) => type)).toEqual(whole)
  })

  it('by a handler of its own for SIGTERM ends as the handler says', async () => {
    const log = temporaryLog()
    const agent = run(
      `process.once('SIGTERM', () => { console.log(process.listenerCount('SIGTERM')); process.exit(17) });
       ${work} await startAuren().flush(); ${work} console.log('ready'); setInterval(() => {}, 1_000);`,
      { AUREN_STREAM_URL: log },
    )
    await until('it works', () => agent.stdout().includes('ready'))
    agent.child.kill('SIGTERM')
    expect(await agent.exited()).toBe(17)
    // None but the handler that runs: libraries that end the process when they are the last must not wait for us.
    expect(agent.stdout()).toBe('ready\n0\n')
    expect(await typesIn(log)).toEqual([...whole, ...whole])
  })

  it('goes on after SIGTERM when its handler says so, and loses nothing', async () => {
    const log = temporaryLog()
    const agent = run(
      `process.once('SIGTERM', async () => { ${work} console.log('after'); clearInterval(timer) });
       console.log('ready'); const timer = setInterval(() => {}, 1_000);`,
      { AUREN_STREAM_URL: log },
    )
    await until('it works', () => agent.stdout().includes('ready'))
    agent.child.kill('SIGTERM')
    expect(await agent.exited()).toBe(0)
    expect(await typesIn(log)).toEqual(whole)
  })

  it('by SIGKILL in an outage leaves what was on disk to the next process, which announces that more may be missing', async () => {
    const spool = temporaryFolder()
    const events = await afterTheNextProcess(spool, async (url) => {
      const agent = run(`${work} setInterval(() => {}, 1_000);`, { AUREN_STREAM_URL: url, AUREN_SPOOL_DIR: spool })
      await until('it spools', () => agent.stderr().includes('wait in'))
      agent.child.kill('SIGKILL')
      expect(await agent.exited()).toBe('SIGKILL')
    })
    expect(events.map(({ event_type: type }) => type).slice(0, 5)).toEqual(['telemetry_gap', ...whole])
    expect(events[0]?.payload).toMatchObject({ reason: 'process_killed' })
    expect(events[0]?.payload).not.toHaveProperty('dropped')
  })

  it('at the end of a run loses nothing of it when each run is flushed', async () => {
    const redis = await startRedis()
    const lines = `await agent('lead', () => agent('inner', () => 1)); process.kill(process.pid, 'SIGKILL');`
    const agent = run(lines, { AUREN_STREAM_URL: redis.url, AUREN_FLUSH_EACH_RUN: 'true' })
    expect(await agent.exited()).toBe('SIGKILL')
    expect((await typesIn(redis.url)).at(-1)).toBe('agent_execution_completed')
    expect(await typesIn(redis.url)).toHaveLength(5)
  })

  it('says how many events it lost when neither Redis nor the disk took them', async () => {
    const folder = join(temporaryFolder(), 'file')
    writeFileSync(folder, 'no folder')
    const agent = run(`${work} process.exit(0)`, { AUREN_STREAM_URL: nowhere, AUREN_SPOOL_DIR: folder })
    expect(await agent.exited()).toBe(0)
    expect(agent.stderr()).toMatch(/4 AUREN events were lost at the end of the process/)
  })

  it('is gone at once while Redis is away, with its events on disk', async () => {
    const spool = join(temporaryFolder(), 'deep', 'spool')
    mkdirSync(spool, { recursive: true })
    const agent = run(work, { AUREN_STREAM_URL: nowhere, AUREN_SPOOL_DIR: spool })
    expect(await agent.exited()).toBe(0)
    expect(agent.stderr().match(/AurenWarning/g)).toHaveLength(1)
    expect(spooled(spool)).toHaveLength(1)
  })
})
