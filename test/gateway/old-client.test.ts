import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { predecessorEventTypes, eventTypes } from '../../src/events/event-types.ts'
import type { AurenEventType } from '../../src/events/event-types.ts'
import { subscriptionNames } from '../../src/protocol/subscriptions.ts'
import { anEvent } from '../support/events.ts'
import { aGateway } from '../support/gateway.ts'
import { signIn } from '../support/ws-client.ts'

const metrics = { latency_ms: 5, token_cost: 0, memory_usage_mb: 1, cpu_percentage: 1, success: true }
const of = (type: AurenEventType, more: Partial<AurenEvent> = {}) => anEvent({ event_type: type, ...more })
/** Comes last: when it is there, everything before it has been decided. */
const end = () => of('system_health', { event_id: 'end', performance_metrics: metrics, user_id: 'test_user' })

describe('a client written for the old server', () => {
  it('connects, subscribes, filters, asks for recent events and pings as it always did', async () => {
    const { url, stream } = await aGateway()
    const first = { agent_filter: [], performance_threshold: 0, subscriptions: ['agent_activity'] }
    const client = await signIn(url, first)
    expect(await client.next('connection_established')).toMatchObject({
      available_subscriptions: subscriptionNames,
      agent_filter: [],
      performance_threshold: 0,
    })

    client.send({ type: 'subscribe', subscription: 'llm_usage' })
    expect(await client.next('subscription_confirmed')).toEqual({
      type: 'subscription_confirmed',
      subscription: 'llm_usage',
    })
    const events = [of('llm_call'), of('agent_execution_started'), of('tool_usage')]
    await stream.append(events)
    await client.next('stream_event', 1)
    expect(client.events()).toEqual([events[0], events[1]])
    expect(await client.next('stream_event')).toEqual({ type: 'stream_event', id: '1', event: events[0] })

    client.send({ type: 'unsubscribe', subscription: 'llm_usage' })
    expect(await client.next('unsubscription_confirmed')).toEqual({
      type: 'unsubscription_confirmed',
      subscription: 'llm_usage',
    })
    client.send({ type: 'filter_update', agent_filter: ['coach'], performance_threshold: 0.25 })
    expect(await client.next('filter_updated')).toEqual({
      type: 'filter_updated',
      agent_filter: ['coach'],
      performance_threshold: 0.25,
    })
    client.send({ type: 'get_recent', limit: 2 })
    expect(await client.next('recent_events')).toEqual({
      type: 'recent_events',
      events: [events[2], events[1]],
      count: 2,
    })
    client.send({ type: 'ping' })
    expect(await client.next('pong')).toEqual({ type: 'pong' })
  })

  it('sees everything until it first subscribes when it named no subscriptions', async () => {
    const { url, stream } = await aGateway()
    const client = await signIn(url)
    await stream.append([of('tool_usage')])
    await client.next('stream_event')
    client.send({ type: 'subscribe', subscription: 'llm_usage' })
    await client.next('subscription_confirmed')
    await stream.append([of('tool_usage'), of('llm_call')])
    await client.next('stream_event', 1)
    expect(client.events().map(({ event_type: type }) => type)).toEqual(['tool_usage', 'llm_call'])
  })

  it('gets the 13 old types only, live and recent, while a client of v1 gets all', async () => {
    const { url, stream } = await aGateway()
    const [old, current] = [await signIn(url), await signIn(url, { protocol_version: 1 })]
    await stream.append([...eventTypes].reverse().map((type) => of(type)))
    await current.next('stream_event', eventTypes.length - 1)
    await old.next('stream_event', predecessorEventTypes.length - 1)
    const types = (events: readonly AurenEvent[]) => new Set(events.map(({ event_type: type }) => type))
    expect(types(current.events())).toEqual(new Set(eventTypes))
    expect(types(old.events())).toEqual(new Set(predecessorEventTypes))
    old.send({ type: 'get_recent' })
    expect(types((await old.next('recent_events'))['events'] as AurenEvent[])).toEqual(new Set(predecessorEventTypes))
  })

  it.each([
    ['agent_activity', ['agent_execution_started', 'agent_execution_completed', 'agent_decision']],
    ['agent_collaboration', ['agent_collaboration']],
    ['biometric_stream', ['biometric_analysis']],
    ['intelligence_events', ['agent_decision', 'hypothesis_formation', 'knowledge_access', 'memory_tier_access']],
    ['llm_usage', ['llm_call', 'llm_call_started']],
    ['tool_usage', ['tool_usage', 'tool_usage_started']],
    ['system_monitoring', ['performance_metric', 'heartbeat', 'telemetry_gap', 'alert']],
    ['all_events', eventTypes],
  ])('%s delivers exactly its types', async (subscription, types) => {
    const { url, stream } = await aGateway()
    const client = await signIn(url, { protocol_version: 1, subscriptions: [subscription] })
    const done = await signIn(url, { subscriptions: ['system_monitoring'] })
    await stream.append([...eventTypes.filter((type) => type !== 'system_health').map((type) => of(type)), end()])
    await done.next('stream_event', 1)
    client.send({ type: 'ping' })
    await client.next('pong')
    const seen = client.events().filter(({ event_id: id }) => id !== 'end')
    expect(new Set(seen.map(({ event_type: type }) => type))).toEqual(
      new Set(types.filter((type) => type !== 'system_health')),
    )
  })

  it('agent_performance delivers events with metrics, user_specific those of the own user', async () => {
    const { url, stream } = await aGateway()
    const performance = await signIn(url, { subscriptions: ['agent_performance'] })
    const own = await signIn(url, { subscriptions: ['user_specific'] })
    const [measured, mine] = [
      of('tool_usage', { performance_metrics: metrics }),
      of('llm_call', { user_id: 'test_user' }),
    ]
    await stream.append([of('llm_call'), measured, mine, end()])
    await performance.next('stream_event', 1)
    await own.next('stream_event', 1)
    expect(performance.events()).toEqual(
      [measured, end()].map((event) => expect.objectContaining({ event_type: event.event_type }) as unknown),
    )
    expect(own.events()[0]).toEqual(mine)
  })

  it('leaves out other agents when it filters, unless they are the target', async () => {
    const { url, stream } = await aGateway()
    const client = await signIn(url, { agent_filter: ['coach'] })
    const coach = { id: 'coach', role: 'coach' }
    const [own, targeted] = [
      of('llm_call', { source_agent: coach }),
      of('agent_collaboration', { target_agent: coach }),
    ]
    await stream.append([of('llm_call'), own, of('llm_call', { source_agent: null }), targeted])
    await client.next('stream_event', 1)
    expect(client.events()).toEqual([own, targeted])
  })

  it('leaves out events whose confidence is below the threshold; events without one pass', async () => {
    const { url, stream } = await aGateway()
    const client = await signIn(url, { performance_threshold: 0.5 })
    const scored = (score: number) =>
      of('agent_decision', { performance_metrics: { ...metrics, confidence_score: score } })
    const [low, equal, high, none] = [scored(0.49), scored(0.5), scored(0.9), of('agent_decision')]
    await stream.append([low, equal, high, none])
    await client.next('stream_event', 2)
    expect(client.events()).toEqual([equal, high, none])
  })
})

describe('bad input after signing in', () => {
  const bad = [
    ['no JSON', '{', 'invalid_message'],
    ['a list', '[]', 'invalid_message'],
    ['a type nobody knows', { type: 'dance' }, 'unknown_type'],
    ['a type from the prototype', { type: 'constructor' }, 'unknown_type'],
    ['an unknown subscription', { type: 'subscribe', subscription: 'nope' }, 'unknown_subscription'],
    ['a subscription that is no string', { type: 'subscribe', subscription: 7 }, 'invalid_message'],
    ['NaN as the threshold', '{"type":"filter_update","performance_threshold":NaN}', 'invalid_message'],
    ['text as the threshold', { type: 'filter_update', performance_threshold: '0.5' }, 'invalid_message'],
    ['a threshold of −1', { type: 'filter_update', performance_threshold: -1 }, 'invalid_message'],
    ['an infinite threshold', '{"type":"filter_update","performance_threshold":1e400}', 'invalid_message'],
    ['a text as agent filter', { type: 'filter_update', agent_filter: 'coach' }, 'invalid_message'],
    [
      'too many agents',
      { type: 'filter_update', agent_filter: Array.from({ length: 1_001 }, String) },
      'invalid_message',
    ],
    ['JSON nested 10,000 deep', `{"type":"ping","x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, undefined],
  ] as const

  it.each(bad)('answers %s with an error in v1 and goes on', async (_name, message, code) => {
    const { url } = await aGateway()
    const client = await signIn(url, { protocol_version: 1, agent_filter: ['coach'], performance_threshold: 0.5 })
    client.send(message)
    if (code !== undefined) expect(await client.next('error')).toMatchObject({ code, retryable: false, fatal: false })
    client.send({ type: 'ping', request_id: 'still there' })
    expect(await client.next('pong', code === undefined ? 1 : 0)).toMatchObject({ request_id: 'still there' })
  })

  it.each(bad)('ignores %s in the old dialect, and keeps the filter', async (_name, message) => {
    const { url, stream } = await aGateway()
    const client = await signIn(url, { agent_filter: ['coach'] })
    client.send(message)
    client.send({ type: 'ping' })
    await client.next('pong')
    expect(client.messages.filter(({ type }) => type === 'error')).toEqual([])
    const own = of('llm_call', { source_agent: { id: 'coach', role: 'coach' } })
    await stream.append([of('llm_call'), own])
    await client.next('stream_event')
    expect(client.events()).toEqual([own])
  })

  it.each([
    [-1, 1],
    [0, 1],
    [1.5, 1],
    [2, 2],
    ['10', 3],
    [null, 3],
    [1e9, 3],
  ])('answers get_recent with limit %j by %i of 3 events', async (limit, count) => {
    const { url, stream } = await aGateway()
    await stream.append([anEvent(), anEvent(), anEvent()])
    const client = await signIn(url)
    client.send({ type: 'get_recent', limit })
    expect(await client.next('recent_events')).toMatchObject({ count })
  })

  it('filters recent events by type before it counts them', async () => {
    const { url, stream } = await aGateway()
    await stream.append([
      of('tool_usage', { event_id: 'wanted' }),
      ...Array.from({ length: 1_200 }, () => of('llm_call')),
    ])
    const client = await signIn(url)
    client.send({ type: 'get_recent', limit: 1, event_types: ['tool_usage'] })
    expect(((await client.next('recent_events'))['events'] as AurenEvent[])[0]?.event_id).toBe('wanted')
  })

  it('closes with 1009 at one byte over 1 MiB, and not at 1 MiB', async () => {
    const { url } = await aGateway()
    const client = await signIn(url)
    const frame = (bytes: number) => `{"type":"ping","pad":"${'x'.repeat(bytes - 24)}"}`
    expect(frame(1_048_576)).toHaveLength(1_048_576)
    client.send(frame(1_048_576))
    await client.next('pong')
    client.send(frame(1_048_577))
    expect((await client.closed()).code).toBe(1009)
  })
})
