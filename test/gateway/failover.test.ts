import { describe, expect, it, onTestFinished } from 'vitest'
import { anEvent } from '../support/events.ts'
import { aGateway } from '../support/gateway.ts'
import { Replica } from '../support/redis-replica.ts'
import { startRedis } from '../support/redis-server.ts'
import { startWatched } from '../support/redis-topology.ts'
import { until } from '../support/until.ts'
import { signIn } from '../support/ws-client.ts'
import type { TestClient } from '../support/ws-client.ts'

const large = { payload: { text: 'x'.repeat(20_000) } }
const numbered = (from: number, count: number, fields: Parameters<typeof anEvent>[0] = {}) =>
  Array.from({ length: count }, (_, index) => anEvent({ event_id: `event-${from + index}`, ...fields }))
const story = (client: TestClient) =>
  client.messages
    .filter(({ type }) => type === 'stream_event' || type === 'gap')
    .map(({ type, event }) => (type === 'gap' ? 'gap' : (event as { event_id: string }).event_id))
const metrics = async (url: string) => (await fetch(`${url}/metrics`)).text()

/** What replays the stream from its beginning and reads nothing, so that it stands in the middle of it. */
async function stalled(url: string, cursor: string): Promise<TestClient> {
  const client = await signIn(url, { protocol_version: 1, resume: { last_event_id: cursor } })
  client.socket.pause()
  await until('it is stalled', async () => /slow_consumers 1$/m.test(await metrics(url)))
  return client
}

describe('a failover that loses entries', () => {
  it.each([
    { reads: 'the window when it comes to its place', windowBytes: 200_000, isKnown: true },
    { reads: 'nothing but the stream', windowBytes: 1, isKnown: false },
  ])('is announced to a client that was catching up and reads $reads', async ({ windowBytes, isKnown }) => {
    const redis = await startRedis()
    const gateway = await aGateway({ stream: redis.url, windowBytes })
    const replica = new Replica(redis)
    const { first } = await gateway.stream.info()
    for (let batch = 0; batch < 4; batch += 1) await gateway.stream.append(numbered(batch * 100, 100, large))
    const [live, slow] = [
      await signIn(gateway.url, { protocol_version: 1 }),
      await stalled(gateway.url, `${first.id}@${first.epoch}`),
    ]
    await replica.copy(400)
    await gateway.stream.append(numbered(400, 10))
    await until('it is read', () => story(live).includes('event-409'))
    expect(await replica.failOver()).toBe(400)
    // Else the gateway finds out by what is written next.
    if (isKnown) await live.next('gap')
    await gateway.stream.append(numbered(410, 10))
    slow.socket.resume()
    await until('it has the last event', () => story(slow).includes('event-419'))
    const told = story(slow)
    expect(told.filter((what) => what === 'gap')).toHaveLength(1)
    const behind = told.slice(told.indexOf('gap') + 1)
    expect(behind).toEqual(numbered(410, 10).map(({ event_id: id }) => id))
    const before = told.slice(0, told.indexOf('gap'))
    // What is lost may still have come from the window.
    expect(before).toEqual(numbered(0, before.length).map(({ event_id: id }) => id))
    expect(before.length === 400 || before.length === 410).toBe(true)
  })

  it('is announced where it happened when a Sentinel makes a replica the master', async () => {
    const topology = await startWatched()
    onTestFinished(() => topology.close())
    const gateway = await aGateway({ stream: topology.url })
    const live = await signIn(gateway.url, { protocol_version: 1 })
    await gateway.stream.append(numbered(0, 20))
    await until('it is read', () => story(live).includes('event-19'))
    await topology.cutOffReplicas()
    await gateway.stream.append(numbered(20, 200))
    await until('what will be lost is read', () => story(live).includes('event-219'))
    await topology.failOver(() => Promise.resolve())
    expect(await (await topology.masterOf('auren:events')).xlen('auren:events')).toBe(20)
    await until('the append goes through', () => gateway.stream.append(numbered(220, 10)).catch(() => false))
    await until('it goes on', () => story(live).includes('event-229'))
    const told = numbered(0, 230).map(({ event_id: id }) => id)
    expect(story(live)).toEqual([...told.slice(0, 220), 'gap', ...told.slice(220)])
  })
})
