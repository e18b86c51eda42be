import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AurenEvent } from '../../../src/events/event.ts'
import { toTimestamp } from '../../../src/events/timestamp.ts'
import type { Run, RunTree } from '../../../src/protocol/runs.ts'
import { openStream } from '../../../src/streams/open-stream.ts'
import { aGateway, aToken, secret } from '../../support/gateway.ts'
import { temporaryLog } from '../../support/processes.ts'
import { startRedis } from '../../support/redis-server.ts'
import { heartbeat, spanOf, stepEvents, traceId } from '../../support/run-events.ts'
import { until } from '../../support/until.ts'
import { signIn } from '../../support/ws-client.ts'
import type { TestClient } from '../../support/ws-client.ts'

/** The events of a step that starts so many milliseconds ago. */
function recentStep(plan: Parameters<typeof stepEvents>[0]) {
  return stepEvents({ ...plan, fields: { ...plan.fields, timestamp: new Date().toISOString(), metadata: {} } })
}

async function runsOf(url: string, token = 'test'): Promise<Run[]> {
  const response = await fetch(`${url}/api/runs`, { headers: { authorization: `Bearer ${token}` } })
  return ((await response.json()) as { runs: Run[] }).runs
}

async function treeOf(url: string, id: string): Promise<RunTree> {
  const response = await fetch(`${url}/api/runs/${id}`, { headers: { authorization: 'Bearer test' } })
  return (await response.json()) as RunTree
}

function updates(client: TestClient): Run[] {
  return client.messages.filter(({ type }) => type === 'run_update').flatMap(({ runs }) => runs as Run[])
}

/** A real agent that opens a run with one open tool, and then does nothing more. */
async function anAgent(stream: string): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('../../support/open-run.ts', import.meta.url))
  const agent = fork(program, [stream], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  onTestFinished(() => void agent.kill('SIGKILL'))
  await new Promise((resolve) => agent.once('message', resolve))
  return agent
}

describe('runs on a live gateway', () => {
  it('are sent as a snapshot to who connects, then as they change, and are served over HTTP', async () => {
    const { url, stream } = await aGateway()
    await stream.append(recentStep({ id: 1, kind: 'agent', agent: 'lead', from: 0 }))
    await until('the run is known', async () => (await runsOf(url)).length === 1)
    const client = await signIn(url, { protocol_version: 1 })
    expect(await client.next('snapshot')).toMatchObject({
      runs: [{ trace_id: traceId, status: 'running', tree: [{ span_id: spanOf(1), status: 'open' }] }],
      omitted: 0,
    })
    await stream.append(
      recentStep({ id: 2, kind: 'model', parent: 1, agent: 'lead', from: 0, to: 0, cost: 0.5, tokens: 7 }),
    )
    await until('the cost is told', () => updates(client).some(({ cost, tokens }) => cost === 0.5 && tokens === 7))
    await stream.append(recentStep({ id: 1, kind: 'agent', agent: 'lead', from: 0, to: 0 }).slice(1))
    await until('the end is told', () => updates(client).some(({ status }) => status === 'completed'))
    expect((await treeOf(url, traceId)).tree.map(({ status }) => status)).toEqual(['ok', 'ok'])
    expect(await (await signIn(url, { protocol_version: 1 })).next('snapshot')).toMatchObject({ runs: [] })
  })

  it('are told to those who follow agents of theirs, and never in the compatible dialect', async () => {
    const { url, stream } = await aGateway()
    const follower = await signIn(url, { protocol_version: 1, agent_filter: ['lead'] })
    const others = [
      await signIn(url),
      await signIn(url, { protocol_version: 1, agent_filter: ['cook'] }),
      await signIn(url, { protocol_version: 1, subscriptions: ['llm_usage'] }),
    ]
    await stream.append(recentStep({ id: 1, kind: 'agent', agent: 'lead', from: 0 }))
    await until('the run is told', () => updates(follower).length > 0)
    for (const other of others) {
      other.send({ type: 'ping' })
      await other.next('pong')
      expect(updates(other)).toEqual([])
    }
    expect(others.map(({ messages }) => messages.some(({ type }) => type === 'snapshot'))).toEqual([false, true, false])
  })

  it('are listed page by page, newest first, each once, also where many began in one millisecond', async () => {
    const { url, stream } = await aGateway()
    const timestamp = new Date().toISOString()
    const ids = Array.from({ length: 7 }, (_, index) => `${index}`.repeat(32))
    const started = (trace_id: string) =>
      stepEvents({
        id: 1,
        kind: 'agent',
        agent: 'lead',
        from: 0,
        fields: { trace_id, timestamp, metadata: {}, event_id: trace_id },
      })
    await stream.append(ids.flatMap(started))
    await until('all are known', async () => (await runsOf(url)).length === 7)
    const page = async (before?: string) => {
      const query = before === undefined ? '' : `&before=${encodeURIComponent(before)}`
      const headers = { authorization: 'Bearer test' }
      return fetch(`${url}/api/runs?limit=3${query}`, { headers })
    }
    const listed: string[][] = []
    for (let before: string | undefined, pages = 0; pages === 0 || before !== undefined; pages += 1) {
      const answer = (await (await page(before)).json()) as { runs: Run[]; before?: string }
      listed.push(answer.runs.map(({ trace_id: id }) => id))
      before = answer.before
    }
    expect(listed.map(({ length }) => length)).toEqual([3, 3, 1])
    expect(listed.flat()).toEqual(ids.toReversed())
    expect((await page('nowhere')).status).toBe(400)
  })

  it('come as a new snapshot to who follows other agents than before', async () => {
    const { url, stream } = await aGateway()
    await stream.append(recentStep({ id: 1, kind: 'agent', agent: 'lead', from: 0 }))
    await until('the run is known', async () => (await runsOf(url)).length === 1)
    const client = await signIn(url, { protocol_version: 1, agent_filter: ['cook'] })
    expect(await client.next('snapshot')).toMatchObject({ runs: [] })
    client.send({ type: 'filter_update', agent_filter: ['cook'] })
    client.send({ type: 'filter_update', agent_filter: ['lead'] })
    expect(await client.next('snapshot', 1)).toMatchObject({ runs: [{ name: 'lead' }] })
    expect(client.messages.filter(({ type }) => type === 'filter_updated')).toHaveLength(2)
  })

  it('answer 404 for a run of somebody else as for one that is not there', async () => {
    const { url, stream } = await aGateway({ jwtSecret: secret })
    await stream.append(recentStep({ id: 1, kind: 'agent', agent: 'lead', from: 0 }))
    const [owner, other] = [await aToken(), await aToken({ user_id: 'user-2' })]
    const get = (id: string, token: string) =>
      fetch(`${url}/api/runs/${id}`, { headers: { authorization: `Bearer ${token}` } })
    await until('the owner sees it', async () => (await get(traceId, owner)).ok)
    const [hidden, absent] = [await get(traceId, other), await get('0'.repeat(32), other)]
    expect([hidden.status, await hidden.text()]).toEqual([404, await absent.text()])
    expect(await runsOf(url, other)).toEqual([])
  })

  it('are the same on a gateway that was started later', async () => {
    const redis = await startRedis()
    const first = await aGateway({ stream: redis.url })
    const steps = [
      ...recentStep({ id: 1, kind: 'agent', agent: 'lead', from: 0 }),
      ...recentStep({ id: 2, kind: 'model', parent: 1, agent: 'lead', from: 0, to: 0, cost: 0.5, tokens: 7 }),
      { ...heartbeat(0, [1]), timestamp: new Date().toISOString() },
    ]
    await first.stream.append(steps)
    await until('the run is known', async () => (await runsOf(first.url))[0]?.steps === 2)
    const second = await aGateway({ stream: redis.url })
    const [one, other] = [await treeOf(first.url, traceId), await treeOf(second.url, traceId)]
    // The lease counts from when a heartbeat was heard.
    expect({ ...other, lease_until: null }).toEqual({ ...one, lease_until: null })
  })

  it('call a run quiet when nothing but heartbeats came for thirty seconds, and running when it goes on', async () => {
    const log = temporaryLog()
    const ago = (seconds: number) => toTimestamp(Date.now() - seconds * 1_000)
    const start = { ...recentStep({ id: 1, kind: 'agent', agent: 'lead', from: 0 })[0], timestamp: ago(27) }
    const before = await openStream(log)
    await before.append([start as AurenEvent, { ...heartbeat(0, [1]), timestamp: ago(0) }])
    await before.close()
    // Read back by the gateway, so that they are as old as they say.
    const { url, stream } = await aGateway({ stream: log })
    const client = await signIn(url, { protocol_version: 1 })
    const { runs } = await client.next('snapshot')
    const told = () => [...(runs as Run[]), ...updates(client)].map(({ status }) => status)
    await until('it is quiet', () => told().includes('quiet'))
    await stream.append(recentStep({ id: 2, kind: 'tool', parent: 1, agent: 'lead', from: 0 }))
    await until('it is running again', () => told().at(-1) === 'running')
  })

  it('say that a run has crashed when its process was killed', async () => {
    const log = temporaryLog()
    const { url } = await aGateway({ stream: log })
    const client = await signIn(url, { protocol_version: 1 })
    const agent = await anAgent(log)
    await until('a heartbeat has come', () => client.events().some(({ event_type: type }) => type === 'heartbeat'))
    agent.kill('SIGKILL')
    await until('the crash is told', () => updates(client).some(({ status }) => status === 'crashed'))
    const [run] = await runsOf(url)
    expect((await treeOf(url, run?.trace_id ?? '')).tree.map(({ status }) => status)).toEqual(['lost', 'lost'])
    const summary = await fetch(`${url}/api/summary`, { headers: { authorization: 'Bearer test' } })
    expect(await summary.json()).toMatchObject({ agents: { lead: { state: 'silent' } } })
    const alert = client.events().find(({ event_type: type }) => type === 'alert')
    expect(alert).toMatchObject({ trace_id: run?.trace_id, payload: { alert: 'process_gone' } })
  })

  it('call a run stale, and no more than that, when its process stands still', async () => {
    const log = temporaryLog()
    const { url } = await aGateway({ stream: log })
    const client = await signIn(url, { protocol_version: 1 })
    const agent = await anAgent(log)
    const status = async () => (await runsOf(url))[0]?.status
    await until('a heartbeat has come', () => client.events().some(({ event_type: type }) => type === 'heartbeat'))
    agent.kill('SIGSTOP')
    await until('it is stale', async () => (await status()) === 'stale')
    agent.kill('SIGCONT')
    await until('it is alive again', async () => (await status()) === 'running')
  })
})
