import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventTypes, isPredecessorType } from '../../src/events/event-types.ts'
import type { AurenEvent } from '../../src/events/event.ts'
import { openApi } from '../../src/gateway/openapi.ts'
import type { clientMessages } from '../../src/protocol/client-messages.ts'
import { serverMessages } from '../../src/protocol/server-messages.ts'
import type { PerformanceSummary } from '../../src/protocol/summary.ts'
import { anEvent } from '../support/events.ts'
import { aGateway, aToken, secret } from '../support/gateway.ts'
import { until } from '../support/until.ts'
import { signIn } from '../support/ws-client.ts'
import type { TestClient } from '../support/ws-client.ts'

interface Facts {
  readonly tenant: string | null
  readonly user: string | null
  readonly agent: string | null
}

interface Reader {
  readonly tenant: string | null
  readonly user: string
  readonly seesAll: boolean
  readonly isOfCoach: boolean
}

const tenants = ['red', 'blue', null]
const users = ['ann', 'bob']
/** Nobody asks for the tenant blue, which has events. */
const readers: readonly Reader[] = ['red', null].flatMap((tenant) =>
  users.flatMap((user) =>
    [true, false].flatMap((seesAll) => [true, false].map((isOfCoach) => ({ tenant, user, seesAll, isOfCoach }))),
  ),
)

/** The rule of contract §4 once more, in other words than the code has it. */
function may({ tenant, user, seesAll, isOfCoach }: Reader, event: Facts): boolean {
  if (tenant !== event.tenant) return false
  if (isOfCoach && event.agent !== 'coach') return false
  return seesAll || user === event.user
}

const tokenOf = ({ tenant, user, seesAll, isOfCoach }: Reader) =>
  aToken({
    user_id: user,
    ...(tenant !== null && { tenant_id: tenant }),
    ...(seesAll && { permissions: ['all'] }),
    ...(isOfCoach && { agents: ['coach'] }),
    // Soon enough to be told of it.
    exp: Math.floor(Date.now() / 1000) + 55,
  })

const event = fc.record({
  tenant: fc.constantFrom(...tenants),
  user: fc.constantFrom(...users, null),
  agent: fc.constantFrom('coach', 'cook', null),
  type: fc.constantFrom(...eventTypes),
  trace: fc.constantFrom('1', '2'),
  parent: fc.option(fc.nat({ max: 60 })),
  success: fc.boolean(),
})
type Plan = typeof event extends fc.Arbitrary<infer T> ? T : never

const spanOf = (number: number) => number.toString(16).padStart(16, '0')

/** Everything that an event may be known by says whose it is. */
function toEvent({ tenant, user, agent, type, trace, parent, success }: Plan, number: number): AurenEvent {
  const mark = `mark:${tenant}:${user}:${agent}:${number}:`
  return anEvent({
    event_id: mark,
    tenant_id: tenant,
    user_id: user,
    source_agent: agent && { id: agent, role: mark },
    target_agent: { id: mark, role: mark },
    event_type: type,
    payload: {
      ...{ model: mark, tool_name: mark, tier_accessed: mark, knowledge_domain: mark, error_type: mark, success },
      ...{ collaborating_agents: [mark], producer: mark, open_steps: [mark], interval_ms: 10_000, alert: mark },
    },
    metadata: { service: mark, span_name: mark },
    trace_id: trace.repeat(32),
    span_id: spanOf(number),
    parent_span_id: parent === null ? null : spanOf(parent),
    session_id: mark,
    performance_metrics: { latency_ms: 1, token_cost: 0, memory_usage_mb: 1, cpu_percentage: 1, success },
    timestamp: new Date().toISOString(),
  })
}

/** Whose events a text gives away. */
function shownIn(text: string): Facts[] {
  const known = (word: string | undefined) => (word === 'null' ? null : String(word))
  return [...text.matchAll(/mark:(\w+):(\w+):(\w+):\d+:/g)].map(([, tenant, user, agent]) => ({
    tenant: known(tenant),
    user: known(user),
    agent: known(agent),
  }))
}

/** Every question there is. */
const questions = {
  subscribe: { subscription: 'all_events' },
  unsubscribe: { subscription: 'biometric_stream' },
  filter_update: { agent_filter: [] },
  get_recent: { limit: 1_000 },
  ping: {},
  refresh: {},
} satisfies Record<keyof typeof clientMessages, object>

/** For every route there is, by its name in /openapi.json, what is asked of it. */
const addresses: Readonly<Record<string, (ids: readonly string[], cursor: string) => readonly string[]>> = {
  '/events': () => [],
  '/api/events': (_ids, cursor) => [
    '/api/events?limit=1000',
    '/api/events?after=earliest&limit=1000',
    '/api/events?user=ann&user=bob&agent=cook&agent=coach&limit=1000',
    `/api/events?trace=${'1'.repeat(32)}&before=${encodeURIComponent(cursor)}`,
  ],
  '/api/events/{event_id}': (ids) => ids.map((id) => `/api/events/${encodeURIComponent(id)}`),
  '/api/runs': () => ['/api/runs?limit=1000'],
  '/api/runs/{trace_id}': () => [`/api/runs/${'1'.repeat(32)}`, `/api/runs/${'2'.repeat(32)}`],
  '/api/summary': () => ['/api/summary'],
  '/api/demo': () => ['/api/demo'],
  '/api/demo/start': () => ['/api/demo/start'],
  '/healthz': () => ['/healthz'],
  '/readyz': () => ['/readyz'],
  '/metrics': () => ['/metrics'],
  '/sd/agents': () => ['/sd/agents'],
  '/asyncapi.json': () => ['/asyncapi.json'],
  '/openapi.json': () => ['/openapi.json'],
  '/v1/traces': () => ['/v1/traces'],
}

const { paths } = openApi() as { readonly paths: Readonly<Record<string, object>> }

/** All that a reader is told over HTTP. */
async function answersTo(url: string, token: string, ids: readonly string[], cursor: string): Promise<string> {
  const texts = Object.entries(addresses).flatMap(([route, addressesOf]) => {
    const [method = 'get'] = Object.keys(paths[route] ?? {})
    return addressesOf(ids, cursor).map(async (address) => {
      const answer = await fetch(url + address, { method, headers: { authorization: `Bearer ${token}` } })
      // What is asked for by its id is named by the question; whether it is there, the answer says.
      return answer.status === 404 ? '' : await answer.text()
    })
  })
  return (await Promise.all(texts)).join('\n')
}

/** The feed over HTTP, until the gateway ends it. */
async function eventSource(url: string, token: string): Promise<() => Promise<string>> {
  const response = await fetch(`${url}/events`, { headers: { authorization: `Bearer ${token}` } })
  const text = response.text()
  return () => text
}

async function everyWay(url: string, reader: Reader) {
  const token = await tokenOf(reader)
  const v1 = await signIn(url, { token, protocol_version: 1, resume: { last_event_id: 'no cursor' } })
  return { reader, token, v1, v0: await signIn(url, { token }), source: await eventSource(url, token) }
}

type Known = Awaited<ReturnType<typeof everyWay>>

async function ask(client: TestClient, token: string): Promise<void> {
  for (const [type, question] of Object.entries(questions)) client.send({ type, token, ...question })
  client.send({ type: 'no such question' })
  await client.next('refreshed')
  await client.next('error')
  await client.next('recent_events')
  // One that was made after all events had come.
  await client.next('performance_summary', client.messages.filter(({ type }) => type === 'performance_summary').length)
  await client.next('run_update')
}

const idsOf = (client: TestClient) => client.events().map(({ event_id: id }) => id)

describe('isolation', () => {
  it('asks on every route there is', () => {
    expect(Object.keys(addresses).sort()).toEqual(Object.keys(paths).sort())
  })

  it('shows nobody anything of an event that they may not see, in any message and on any route, and all that they may', async () => {
    const types = new Set<string>()
    const plans = fc.array(event, { minLength: 40, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(plans, async (all) => {
        const room = { maxConnections: 10_000, maxConnectionsPerUser: 10_000, connectionsPerSecond: 10_000 }
        const gateway = await aGateway({ ...room, jwtSecret: secret, summaryMs: 200, drainMs: 100 })
        const { url, stream } = gateway
        const known = await Promise.all(readers.map((reader) => everyWay(url, reader)))
        const earliest = known[0]?.v1.messages[0]?.['retention'] as { readonly first: string }
        // Something for everybody, so that everybody is told of a run.
        const own = readers.map(({ tenant, user }): Plan => {
          return { tenant, user, agent: 'coach', type: 'tool_usage', trace: '1', parent: null, success: true }
        })
        const events = [...all, ...own].map(toEvent)
        const open = (reader: Reader) =>
          events.filter(({ tenant_id: tenant, user_id: user, source_agent: agent }) =>
            may(reader, { tenant, user, agent: agent?.id ?? null }),
          )
        await stream.append(events)
        const told = new Map<Reader, string[]>()
        const readAll = async ({ reader, token, v1, v0 }: Known) => {
          const ids = open(reader).map(({ event_id: id }) => id)
          await until('all that may be seen has come', () => idsOf(v1).length >= ids.length)
          const later = await signIn(url, { token, protocol_version: 1, resume: { last_event_id: earliest.first } })
          await later.next('caught_up')
          await ask(v1, token)
          const someIds = events.slice(0, 20).map(({ event_id: id }) => id)
          const answers = await answersTo(url, token, someIds, String(v1.messages.at(0)?.['position']))
          expect([idsOf(v1), idsOf(later)]).toEqual([ids, ids])
          for (const id of ids) expect(answers).toContain(id)
          const old = open(reader).filter(({ event_type: type }) => isPredecessorType(type))
          await until('the old client has its part', () => idsOf(v0).length >= old.length)
          expect(idsOf(v0)).toEqual(old.map(({ event_id: id }) => id))
          told.set(reader, [answers, JSON.stringify(later.messages)])
          for (const { type } of later.messages) types.add(type)
        }
        await Promise.all(known.map(readAll))
        await gateway.close()
        for (const { reader, v1, v0, source } of known) {
          await v1.closed()
          for (const { type } of v1.messages) types.add(type)
          const shown = [...(told.get(reader) ?? []), JSON.stringify([v1.messages, v0.messages]), await source()]
          expect(shownIn(shown.join('')).filter((facts) => !may(reader, facts))).toEqual([])
        }
      }),
      { numRuns: 2, endOnFailure: true },
    )
    expect([...types].sort()).toEqual(Object.keys(serverMessages).sort())
  })

  it('never names agents of others in a summary, nor counts their connections', async () => {
    const { url, stream } = await aGateway({ jwtSecret: secret, summaryMs: 30 })
    const client = await signIn(url, { token: await aToken({ tenant_id: 'red', user_id: 'ann' }) })
    const of = (tenant: string, user: string, agent: Plan['agent']): Plan => {
      return { tenant, user, agent, type: 'agent_collaboration', trace: '1', parent: null, success: true }
    }
    await signIn(url, { token: await aToken({ tenant_id: 'red', user_id: 'bob' }) })
    await stream.append([of('red', 'bob', 'cook'), of('blue', 'ann', 'cook'), of('red', 'ann', 'coach')].map(toEvent))
    await client.next('stream_event')
    const { data } = await client.next(
      'performance_summary',
      client.messages.filter(({ type }) => type === 'performance_summary').length,
    )
    const { agents, system } = data as PerformanceSummary['data']
    expect([Object.keys(agents), system.active_connections]).toEqual([['coach'], 1])
  })

  it('narrows at once what a live connection is told when its new token allows less', async () => {
    const { url, stream } = await aGateway({ jwtSecret: secret })
    const of = (user: string, number: number): AurenEvent => {
      const plan = { tenant: null, user, agent: 'coach', type: 'tool_usage_started', trace: '1', parent: null } as const
      return toEvent({ ...plan, success: true }, number)
    }
    const ann = { tenant: null, user: 'ann', isOfCoach: false }
    const client = await signIn(url, { token: await tokenOf({ ...ann, seesAll: true }), protocol_version: 1 })
    await stream.append([of('bob', 1)])
    await client.next('stream_event')
    client.send({ type: 'refresh', token: await tokenOf({ ...ann, seesAll: false }) })
    await client.next('snapshot', 1)
    const from = client.messages.findIndex(({ type }) => type === 'refreshed')
    await stream.append([of('bob', 2), of('ann', 3)])
    await client.next('stream_event', 1)
    client.send({ type: 'get_recent', limit: 1_000 })
    await client.next('recent_events')
    await until('the run is told', () => client.messages.slice(from).some(({ type }) => type === 'run_update'))
    expect(shownIn(JSON.stringify(client.messages.slice(from))).every(({ user }) => user === 'ann')).toBe(true)
  })
})
