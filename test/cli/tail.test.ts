import { describe, expect, it, onTestFinished } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { anEvent } from '../support/events.ts'
import { auren, startGatewayProcess, temporaryLog } from '../support/processes.ts'
import type { Running } from '../support/processes.ts'
import { until } from '../support/until.ts'

async function writerOf(url: string): Promise<(...events: Partial<AurenEvent>[]) => Promise<unknown>> {
  const stream = await openStream(url)
  onTestFinished(() => stream.close())
  return (...events) => stream.append(events.map(anEvent))
}

const idsIn = (tail: Running) =>
  tail
    .stdout()
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as AurenEvent).event_id)
const connected = (tail: Running) => until('it is connected', () => tail.stderr().includes('connected to'))
const numbered = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({ event_id: `${name}-${i}` }))

describe('auren tail', () => {
  it('begins with the newest earlier events and goes on with those that happen, each once', async () => {
    const log = temporaryLog()
    const write = await writerOf(log)
    await write(...numbered('earlier', 5))
    const { url } = await startGatewayProcess(log)
    const tail = auren(['tail', '--url', url, '--json', '--tail', '2'])
    await until('the earlier ones are there', () => idsIn(tail).length === 2)
    await write({ event_id: 'now' })
    await until('the new one is there', () => tail.stdout().includes('now'))
    tail.child.kill('SIGINT')
    expect(await tail.exited()).toBe(0)
    expect(idsIn(tail)).toEqual(['earlier-3', 'earlier-4', 'now'])
    expect(tail.stderr()).toMatch(
      /auren: 3 events of \d agents? in .*; 0 failed\nauren: go on from here with --resume \S+\n$/,
    )
  })

  it('begins with all since a time, more than the gateway gives at once', async () => {
    const log = temporaryLog()
    const write = await writerOf(log)
    const old = { timestamp: new Date(Date.now() - 7_200_000).toISOString() }
    await write(...numbered('old', 3).map((event) => ({ ...event, ...old })))
    const recent = numbered('recent', 1_500).map((event) => ({ ...event, timestamp: new Date().toISOString() }))
    await write(...recent)
    const { url } = await startGatewayProcess(log)
    const tail = auren(['tail', '--url', url, '--json', '--since', '1h', '--no-follow'])
    expect(await tail.exited(), tail.stderr()).toBe(0)
    expect(idsIn(tail)).toEqual(recent.map(({ event_id: id }) => id))
  })

  it('shows only what is asked for, of earlier events and of those that happen', async () => {
    const log = temporaryLog()
    const write = await writerOf(log)
    const call = (id: string, latency_ms: number, cost: number, more: Partial<AurenEvent> = {}) => ({
      event_id: id,
      event_type: 'llm_call' as const,
      payload: { model: 'gpt-5-mini', latency_ms, cost, success: true },
      ...more,
    })
    const events = (when: string) => [
      call(`${when}-cheap`, 3_000, 0.001),
      call(`${when}-quick`, 10, 1),
      call(`${when}-other`, 3_000, 1, { user_id: 'bob' }),
      call(`${when}-wanted`, 3_000, 1, { user_id: 'ann' }),
    ]
    await write(...events('earlier'))
    const { url } = await startGatewayProcess(log)
    const wish = ['--slower', '2s', '--costlier', '0.01', '--user', 'ann', '--text', 'GPT-5']
    const tail = auren(['tail', '--url', url, '--json', ...wish])
    await until('the earlier one is there', () => idsIn(tail).length === 1)
    await write(...events('now'), { event_id: 'end', event_type: 'tool_usage' })
    await until('the other is there', () => idsIn(tail).length > 1)
    expect(idsIn(tail)).toEqual(['earlier-wanted', 'now-wanted'])
  })

  it('prints every event once and in order over a gateway that is killed and started again', async () => {
    const log = temporaryLog()
    const write = await writerOf(log)
    const first = await startGatewayProcess(log)
    const tail = auren(['tail', '--url', first.url, '--json'])
    await connected(tail)
    await write(...numbered('before', 30))
    await until('those before are there', () => idsIn(tail).length >= 10)
    first.child.kill('SIGKILL')
    await first.exited()
    await write(...numbered('meanwhile', 30))
    auren(['gateway', '--port', new URL(first.url).port, '--stream', log])
    await until('it is back', () => tail.stderr().includes('connected again'))
    await write(...numbered('after', 30))
    await until('all are there', () => idsIn(tail).includes('after-29'))
    const all = [...numbered('before', 30), ...numbered('meanwhile', 30), ...numbered('after', 30)]
    expect(idsIn(tail)).toEqual(all.map(({ event_id: id }) => id))
    expect(tail.stderr()).toContain('auren: the connection was lost')
  })

  it('tells its totals on SIGUSR2 and every so often, and goes on', async () => {
    const log = temporaryLog()
    const write = await writerOf(log)
    const { url } = await startGatewayProcess(log)
    const tail = auren(['tail', '--url', url])
    await connected(tail)
    const coach = { id: 'coach', role: 'Coach' }
    const payload = { tokens_used: 1_100, cost: 0.25, success: true }
    await write(
      { source_agent: coach, event_type: 'llm_call', payload },
      // Another event has what it used.
      { source_agent: coach, event_type: 'llm_call', payload: { ...payload, counted_elsewhere: true } },
      { source_agent: coach, event_type: 'tool_usage', payload: { tool_name: 'scales', success: false } },
    )
    await until('all are there', () => tail.stdout().split('\n').length === 4)
    tail.child.kill('SIGUSR2')
    const totals = /auren: 3 events of 1 agent in .*; 1 model call, 1\.10K tokens, \$0\.25; 1 failed\n/
    await until('it says so', () => totals.test(tail.stderr()))
    expect(tail.child.exitCode).toBeNull()
    const often = auren(['tail', '--url', url, '--summary', '50ms'])
    await until('it says so again and again', () => (often.stderr().match(/ model calls?, /g) ?? []).length > 2)
  })

  it('says where events are missing that the stream has lost, and counts them', async () => {
    const log = `${temporaryLog()}?maxlen=100`
    const write = await writerOf(log)
    await write(...numbered('first', 1))
    const { url } = await startGatewayProcess(log)
    const first = auren(['tail', '--url', url, '--json', '--no-follow'])
    expect(await first.exited()).toBe(0)
    const position = /--resume (\S+)/.exec(first.stderr())?.[1] ?? ''
    for (let i = 0; i < 10; i++) await write(...numbered(`then-${i}`, 500))
    const tail = auren(['tail', '--url', url, '--json', '--resume', position])
    await until('the newest is there', () => tail.stdout().includes('then-9-499'))
    tail.child.kill('SIGTERM')
    expect(await tail.exited()).toBe(0)
    const holes = [...tail.stderr().matchAll(/auren: ([\d,]+) events are missing here: the stream no longer had them/g)]
    const missing = holes.reduce((sum, [, count]) => sum + Number(count?.replace(',', '')), 0)
    expect(missing).toBeGreaterThan(0)
    expect(missing + idsIn(tail).length).toBe(5_000)
    expect(tail.stderr()).toMatch(new RegExp(`; ${missing} missing\\n`))
  })

  it('says that the place to go on from is none, and goes on with what happens', async () => {
    const log = temporaryLog()
    const write = await writerOf(log)
    const { url } = await startGatewayProcess(log)
    const tail = auren(['tail', '--url', url, '--json', '--resume', 'nonsense'])
    await until('it is told', () => tail.stderr().includes('the place to go on from was not understood'))
    await connected(tail)
    await write({ event_id: 'now' })
    await until('the new one is there', () => idsIn(tail).includes('now'))
    tail.child.kill('SIGINT')
    expect(await tail.exited()).toBe(0)
    expect(tail.stderr()).toMatch(/; some missing\n/)
  })

  it('ends with an error when nobody listens and it is not to follow', async () => {
    const tail = auren(['tail', '--url', 'ws://127.0.0.1:1', '--no-follow'])
    expect(await tail.exited()).toBe(1)
    expect(tail.stderr()).toMatch(/^auren: http:\/\/127\.0\.0\.1:1\/ cannot be reached.*`auren gateway`.*\n$/)
  })

  it.each([
    ['--since', 'lately', 'a time such as .*, or how long ago'],
    ['--slower', 'much', 'a number and a unit'],
    ['--costlier', 'dear', 'an amount in US dollars'],
    ['--tail', '-1', 'a whole number from 0'],
    ['--color', 'pink', 'auto, always, never'],
  ])('refuses %s %s in one line that says what it is to be', async (option, value, hint) => {
    const tail = auren(['tail', option, value])
    expect(await tail.exited()).toBe(1)
    expect(tail.stderr()).toMatch(new RegExp(`^error: option '${option} <.*${hint}.*\\n$`))
  })

  it('folds its lines in a narrow terminal, and has colours only where they are wanted', async () => {
    const log = temporaryLog()
    const write = await writerOf(log)
    const agent = { id: 'sleep_specialist_of_the_night', role: 'Sleep' }
    const hypothesis = 'Two nights above eight hours bring variability back to its baseline'
    await write({ source_agent: agent, event_type: 'hypothesis_formation', payload: { hypothesis, confidence: 0.7 } })
    const { url } = await startGatewayProcess(log)
    const printed = async (env: Record<string, string>, ...more: string[]) => {
      const tail = auren(['tail', '--url', url, '--no-follow', ...more], env)
      expect(await tail.exited()).toBe(0)
      return tail.stdout()
    }
    const narrow = await printed({ COLUMNS: '60' })
    expect(narrow).toMatch(/^\d\d:\d\d:\d\d sleep_special… supposes .*\n( {24}\S.*\n)+$/)
    for (const line of narrow.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
    expect(await printed({})).toMatch(/^.*baseline.*\n$/)
    const escape = '\u001b['
    expect(await printed({ NO_COLOR: '', FORCE_COLOR: '1' })).toContain(escape)
    expect(await printed({ NO_COLOR: '1', FORCE_COLOR: '1' })).not.toContain(escape)
    expect(await printed({ NO_COLOR: '1' }, '--color', 'always')).toContain(escape)
    expect(await printed({ NO_COLOR: '', FORCE_COLOR: '1' }, '--color', 'never')).not.toContain(escape)
  })
})
