import { describe, expect, it, onTestFinished } from 'vitest'
import { connect } from '../../src/client/live-client.ts'
import type { ClientOptions, ClientState } from '../../src/client/live-client.ts'
import type { Gap } from '../../src/protocol/server-messages.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { startGateway } from '../../src/gateway/server.ts'
import { anEvent } from '../support/events.ts'
import { freePort } from '../support/free-port.ts'
import { aGateway, aToken, secret } from '../support/gateway.ts'
import { temporaryLog } from '../support/processes.ts'
import { startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'

function open(options: Partial<ClientOptions> & { url: string }) {
  const states: [ClientState, string | undefined][] = []
  const client = connect({ token: 'test', onState: (state, reason) => states.push([state, reason]), ...options })
  onTestFinished(() => client.close())
  return { client, states }
}

describe('the live client', () => {
  it('gives events as they come, of every type, and ends when it is closed', async () => {
    const { url, stream } = await aGateway()
    const { client } = open({ url })
    await until('it is live', () => client.state === 'live')
    expect(client.connection).toMatchObject({ protocol_version: 1, user_id: 'test_user' })
    await stream.append([anEvent({ event_id: '1', event_type: 'llm_call_started' }), anEvent({ event_id: '2' })])
    const seen: string[] = []
    for await (const event of client) {
      seen.push(event.event_id)
      if (seen.length === 2) client.close()
    }
    expect(seen).toEqual(['1', '2'])
    expect(client.state).toBe('closed')
  })

  it('asks for the agents and subscriptions it was given', async () => {
    const { url } = await aGateway()
    const { client } = open({ url, agents: ['coach'], subscriptions: ['llm_usage'], performanceThreshold: 0.5 })
    await until('it is live', () => client.state === 'live')
    expect(client.connection).toMatchObject({
      agent_filter: ['coach'],
      subscriptions: ['llm_usage'],
      performance_threshold: 0.5,
    })
  })

  it('closes for good when the token is refused, and says why', async () => {
    const { url } = await aGateway({ jwtSecret: secret })
    const { client, states } = open({ url, token: 'wrong' })
    expect(await client[Symbol.asyncIterator]().next()).toEqual({ value: undefined, done: true })
    expect(states).toEqual([['closed', 'auth_failed']])
  })

  it('comes back with a fresh token when the gateway was restarted', async () => {
    const [port, stream] = [await freePort(), temporaryLog()]
    const options = { port, stream, jwtSecret: secret, logLevel: 'silent' }
    const first = await startGateway(options)
    let tokens = 0
    const token = () => {
      tokens += 1
      return aToken({ permissions: ['all'] })
    }
    const { client, states } = open({ url: first.url, token })
    await until('it is live', () => client.state === 'live')
    await first.close()
    await until('it has noticed', () => client.state === 'reconnecting')
    const second = await startGateway(options)
    onTestFinished(() => second.close())
    await until('it is live again', () => client.state === 'live')
    const log = await openStream(stream)
    onTestFinished(() => log.close())
    await log.append([anEvent({ event_id: 'after' })])
    expect((await client[Symbol.asyncIterator]().next()).value).toMatchObject({ event_id: 'after' })
    expect(tokens).toBeGreaterThanOrEqual(2)
    expect(states.map(([state]) => state)).toEqual(['live', 'reconnecting', 'catching_up', 'live'])
  })

  it('goes on after a lost connection where it was, and tells of what is lost where it is missing', async () => {
    const [port, redis] = [await freePort(), await startRedis()]
    const options = { port, stream: redis.url, logLevel: 'silent' }
    const first = await startGateway(options)
    const seen: (string | Gap)[] = []
    const { client } = open({ url: first.url, onGap: (gap) => seen.push(gap) })
    const reading = (async () => {
      for await (const event of client) seen.push(event.event_id)
    })()
    await until('it is live', () => client.state === 'live')
    const log = await openStream(redis.url)
    onTestFinished(() => log.close())
    const append = (...ids: string[]) => log.append(ids.map((id) => anEvent({ event_id: id })))
    await append('1')
    await until('it came', () => seen.length === 1)
    await first.close()
    await append('2', '3')
    const second = await startGateway(options)
    await until('they came', () => seen.length === 3)
    const position = client.position
    await second.close()
    await append('4', '5', '6')
    await redis.client.xtrim('auren:events', 'MAXLEN', 1)
    const third = await startGateway(options)
    onTestFinished(() => third.close())
    await until('the rest came', () => seen.length === 5)
    expect(seen).toEqual(['1', '2', '3', expect.objectContaining({ reason: 'trimmed', missed: 2 }), '6'])
    client.close()
    await reading

    const later = open({ url: third.url, ...(position === undefined ? {} : { resume: position }) })
    expect((await later.client[Symbol.asyncIterator]().next()).value).toMatchObject({ event_id: '6' })
  })

  it('refreshes its token before it runs out, on the same connection', async () => {
    const { url } = await aGateway({ jwtSecret: secret })
    const types: string[] = []
    let asked = 0
    const token = () => aToken({ exp: Math.floor(Date.now() / 1000) + ((asked += 1) === 1 ? 30 : 3_600) })
    const { states } = open({ url, token, onMessage: ({ type }) => types.push(type) })
    await until('it is refreshed', () => types.includes('refreshed'))
    expect(states).toEqual([['live', undefined]])
  })

  it('does not send the token again that the gateway has: it ends with it', async () => {
    const { url } = await aGateway({ jwtSecret: secret })
    const only = await aToken({ exp: Math.floor(Date.now() / 1000) + 5 })
    const types: string[] = []
    const { client, states } = open({ url, token: () => only, onMessage: ({ type }) => types.push(type) })
    await until('it is closed', () => client.state === 'closed')
    expect(states.map(([state, reason]) => `${state} ${reason}`)).toEqual([
      'live undefined',
      'reconnecting token_expired',
      'closed token_expired',
    ])
    expect(types).not.toContain('refreshed')
  })

  it('drops the oldest events for a reader that does not come, and counts them', async () => {
    const { url, stream } = await aGateway()
    const { client } = open({ url, maxBuffered: 2 })
    await until('it is live', () => client.state === 'live')
    await stream.append(Array.from({ length: 5 }, (_, index) => anEvent({ event_id: String(index) })))
    await until('three are dropped', () => client.dropped === 3)
    expect((await client[Symbol.asyncIterator]().next()).value).toMatchObject({ event_id: '3' })
  })
})
