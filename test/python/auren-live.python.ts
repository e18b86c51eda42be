import { spawn } from 'node:child_process'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { aGateway, aToken, secret } from '../support/gateway.ts'
import { serveHttp } from '../support/http-server.ts'
import { root, startGatewayProcess, temporaryLog } from '../support/processes.ts'
import { until } from '../support/until.ts'
import { signIn } from '../support/ws-client.ts'
import { pythonOf } from './virtual-environment.ts'

interface Program {
  readonly exited: Promise<number | null>
  stdout(): string
  stderr(): string
  endInput(): void
}

/** A Python program of this folder; the environment of the tests is not passed on. */
function start(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  const child = spawn(pythonOf('auren-live'), [`${root}/test/python/${program}.py`, ...args], { env })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  onTestFinished(() => void child.kill('SIGKILL'))
  return { exited, stdout: () => stdout, stderr: () => stderr, endInput: () => void child.stdin.end() }
}

async function aGatewayWithClient(env: Readonly<Record<string, string>> = {}, token = 'test') {
  const gateway = await startGatewayProcess(temporaryLog(), env)
  const client = await signIn(gateway.url, { token, protocol_version: 1 })
  const types = () => client.events().map(({ event_type: type }) => type)
  const agents = (type: string) =>
    client.events().flatMap(({ event_type, source_agent: agent }) => (event_type === type ? [agent?.id] : []))
  return { endpoint: `${gateway.url}/v1/traces`, client, types, agents }
}

describe('auren-live in a Python program', () => {
  it('shows steps when they start, and the exporter beside it their ends, under the right agent', async () => {
    const { endpoint, client, types } = await aGatewayWithClient()
    const agent = start('agent', ['--endpoint', endpoint, '--seconds', '2'])
    await until('the call is seen to start', () => types().includes('llm_call_started'))
    expect(types()).toEqual(['agent_execution_started', 'llm_call_started'])
    expect(agent.stdout()).toBe('')
    expect(await agent.exited).toBe(0)
    await until('the run is completed', () => types().includes('agent_execution_completed'))
    expect(types().toSorted()).toEqual([
      'agent_execution_completed',
      'agent_execution_started',
      'llm_call',
      'llm_call_started',
    ])
    for (const event of client.events())
      expect(event).toMatchObject({ source_agent: { id: 'coach' }, session_id: 'session-1' })
    const call = client.events().find(({ event_type: type }) => type === 'llm_call')
    expect(call?.payload).toMatchObject({ model: 'gpt-5-mini', provider: 'openai', tokens_used: 1_100, cost: 0.00045 })
    expect(JSON.stringify(client.events())).not.toContain('what was said')
    expect(agent.stderr()).toBe('')
  })

  it('sends heartbeats of a run with its open steps while it lasts', async () => {
    const { endpoint, client, types } = await aGatewayWithClient()
    const agent = start('agent', ['--endpoint', endpoint, '--seconds', '3', '--heartbeat', '0.2'])
    await until('two heartbeats have come', () => types().filter((type) => type === 'heartbeat').length >= 2)
    const [run, call] = client.events()
    const beats = client.events().filter(({ event_type: type }) => type === 'heartbeat')
    for (const beat of beats)
      expect(beat).toMatchObject({
        trace_id: run?.trace_id,
        span_id: run?.span_id,
        source_agent: { id: 'coach' },
        session_id: 'session-1',
        payload: { producer: expect.stringMatching(/^\d+-[0-9a-f]{8}$/) as string, interval_ms: 200 },
        metadata: { run_started: run?.timestamp },
      })
    expect(beats.at(-1)?.payload['open_steps']).toEqual([run?.span_id, call?.span_id])
    expect(await agent.exited).toBe(0)
    await until('the run is completed', () => types().includes('agent_execution_completed'))
    expect(types().slice(types().indexOf('agent_execution_completed'))).not.toContain('heartbeat')
  })

  it('tells a gateway that comes later what is open, with its true start', async () => {
    const port = await freePort()
    const endpoint = `http://127.0.0.1:${port}/v1/traces`
    const agent = start('agent', ['--endpoint', endpoint, '--seconds', '60', '--heartbeat', '0.2'])
    await until('the starts are lost', () => agent.stderr().includes('Starts do not reach the gateway'))
    const lostAt = Date.now()
    const { stream } = await aGateway({ port })
    const events = await until('the start of the call is told', async () => {
      const found = (await stream.recent(100)).map(({ event }) => event)
      return found.some(({ event_type: type }) => type === 'llm_call_started') && found
    })
    const started = events.filter(({ event_type: type }) => type.endsWith('_started'))
    expect(started).toMatchObject([{ source_agent: { id: 'coach' } }, { source_agent: { id: 'coach' } }])
    for (const { timestamp } of started) expect(Date.parse(timestamp)).toBeLessThanOrEqual(lostAt)
  })

  it('waits for the attributes that a library sets just after a start, however many spans start meanwhile', async () => {
    const { endpoint, client, types } = await aGatewayWithClient()
    const calls = start('late_attributes', [endpoint])
    expect(await calls.exited).toBe(0)
    await until('all starts are seen', () => types().length === 40)
    for (const { event_type: type, payload } of client.events())
      expect([type, payload['model']]).toEqual(['llm_call_started', 'gpt-5-mini'])
  })

  it('goes on in a forked worker, which tells of its own steps only', async () => {
    const { endpoint, client, types, agents } = await aGatewayWithClient()
    const programs = start('forking', [endpoint])
    await until('both beat', () => new Set(agents('heartbeat')).size === 2)
    expect(agents('agent_execution_started')).toEqual(['parent', 'child'])
    const beats = client.events().filter(({ event_type: type }) => type === 'heartbeat')
    const producers = Map.groupBy(beats, ({ payload }) => payload['producer'])
    expect([...producers.values()].map((all) => new Set(all.map(({ trace_id: id }) => id)).size)).toEqual([1, 1])
    programs.endInput()
    expect(await programs.exited).toBe(0)
    expect(types()).not.toContain('agent_execution_completed')
    expect(programs.stderr()).toBe('')
  })

  it('sends nothing of spans that are not sampled, since their ends would never come', async () => {
    const { endpoint, agents } = await aGatewayWithClient()
    expect(await start('unsampled', [endpoint]).exited).toBe(0)
    await until('the sampled one is seen', () => agents('agent_execution_started').includes('last'))
    expect(agents('agent_execution_started')).toEqual(['last'])
  })

  it('takes the endpoint and the token from the environment, and says when the token is refused', async () => {
    const ingest = await aToken({ permissions: ['ingest'] })
    const reader = await aToken({ permissions: ['all'] })
    const { endpoint, types } = await aGatewayWithClient({ AUREN_JWT_SECRET: secret }, reader)
    const environment = (token: string) => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.replace('/v1/traces', ''),
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${token}`,
    })
    const refused = start('agent', ['--seconds', '0.5'], environment(reader))
    expect(await refused.exited).toBe(0)
    expect(refused.stderr()).toContain('Starts do not reach the gateway (it answers 403)')
    expect(refused.stderr()).not.toContain(reader)
    expect(await start('agent', ['--seconds', '0.5'], environment(ingest)).exited).toBe(0)
    await until('the run is seen', () => types().includes('agent_execution_completed'))
  })

  it('does not hold an agent up when nobody listens, and counts the starts that were lost', async () => {
    const agent = start('agent', ['--endpoint', 'http://127.0.0.1:1/v1/traces', '--spans', '20000'])
    await until('the work is done', () => agent.stdout() !== '', 30_000)
    const [, dropped = ''] = /dropped (\d+)/.exec(agent.stdout()) ?? []
    expect(Number(dropped)).toBeGreaterThan(0)
  })

  it('ends with its program though the gateway never answers', async () => {
    const program = start('unsampled', [await serveHttp()])
    expect(await program.exited).toBe(0)
  })
})
