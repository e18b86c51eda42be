import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { anEvent } from '../support/events.ts'
import { aGateway, aToken, secret } from '../support/gateway.ts'
import { signIn } from '../support/ws-client.ts'

const tenants = ['red', 'blue'] as const
const users = ['ann', 'bob'] as const
const agents = ['coach', 'cook'] as const

const claims = fc.record({
  tenant_id: fc.constantFrom(...tenants),
  user_id: fc.constantFrom(...users),
  permissions: fc.constantFrom([], ['all']),
  agents: fc.constantFrom(undefined, ['coach']),
})
const facts = fc.record({
  tenant_id: fc.constantFrom(...tenants, null),
  user_id: fc.constantFrom(...users, null),
  agent: fc.constantFrom(...agents, null),
})

type Claims = typeof claims extends fc.Arbitrary<infer T> ? T : never
type Facts = typeof facts extends fc.Arbitrary<infer T> ? T : never

/** The rule of contract §4 once more, in other words than the code has it. */
function may(token: Claims, event: Facts): boolean {
  const sameTenant = token.tenant_id === event.tenant_id
  const concerned = token.permissions.length > 0 ? true : token.user_id === event.user_id
  const agentAllowed = token.agents === undefined ? true : event.agent === 'coach'
  return sameTenant && concerned && agentAllowed
}

/** One trace for all: what may not be seen of a run is hidden step by step. */
const traceId = '6bf92f3577b34da6a3ce929d0e0e4736'
let spans = 0
const spanId = () => (spans += 1).toString(16).padStart(16, '0')

/** What an event source sends before this text, which comes last. */
async function eventSource(url: string, headers: Record<string, string>, last: string): Promise<() => Promise<string>> {
  const abort = new AbortController()
  const response = await fetch(`${url}/events`, { headers, signal: abort.signal })
  let text = ''
  const read = async () => {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString('utf8')
      if (text.includes(last)) break
    }
    abort.abort()
    return text
  }
  return read
}

function toEvent({ tenant_id, user_id, agent }: Facts, mark: string): AurenEvent {
  const metrics = { latency_ms: 1, token_cost: 0, memory_usage_mb: 1, cpu_percentage: 1, success: true }
  return anEvent({
    event_id: mark,
    tenant_id,
    user_id,
    // The agent's name carries the mark, so that a summary that names it gives it away.
    source_agent: agent && { id: agent, role: agent, mark },
    event_type: 'agent_collaboration',
    payload: { collaborating_agents: [mark], mark },
    trace_id: traceId,
    span_id: spanId(),
    session_id: mark,
    performance_metrics: metrics,
    timestamp: new Date().toISOString(),
  })
}

describe('isolation', () => {
  it('shows no connection anything of an event it may not see, in any message and on any route', async () => {
    const { url, stream } = await aGateway({ jwtSecret: secret, summaryMs: 60, maxConnectionsPerUser: 1_000 })
    const position = (await signIn(url, { token: await aToken(), protocol_version: 1 })).messages[0]
    const { first: firstCursor } = position?.['retention'] as { first: string }
    let run = 0
    await fc.assert(
      fc.asyncProperty(claims, fc.array(facts, { minLength: 1, maxLength: 8 }), async (token, all) => {
        run += 1
        const jwt = await aToken(Object.fromEntries(Object.entries(token).filter(([, value]) => value !== undefined)))
        const client = await signIn(url, { token: jwt, protocol_version: 1 })
        const events = all.map((one, index) =>
          toEvent(one, `run-${run}-event-${index}-${may(token, one) ? 'open' : 'secret'}`),
        )
        const headers = { authorization: `Bearer ${jwt}` }
        const source = await eventSource(url, headers, `run-${run}-last-open`)
        // Comes last and may be seen, so that everything before it has been decided.
        const last = { tenant_id: token.tenant_id, user_id: token.user_id, agent: 'coach' as const }
        await stream.append([...events, toEvent(last, `run-${run}-last-open`)])
        const expected = events.filter(({ event_id: id }) => id.endsWith('open')).length + 1
        await client.next('stream_event', expected - 1)
        client.send({ type: 'get_recent', limit: 1_000 })
        const recent = await client.next('recent_events')
        await client.next('performance_summary')
        const routes = await Promise.all(
          [
            '/api/events?limit=1000',
            '/api/events?after=earliest&limit=1000',
            '/api/events?user=ann&user=bob&agent=cook&agent=coach&limit=1000',
            `/api/events?trace=${traceId}&before=${encodeURIComponent(String(position?.['position']))}`,
            `/api/events?after=earliest&trace=${traceId}&user=bob&limit=1000`,
            '/api/summary',
            '/api/runs',
            `/api/runs/${traceId}`,
          ].map(async (path) => (await fetch(url + path, { headers })).text()),
        )
        const later = await signIn(url, { token: jwt, protocol_version: 1, resume: { last_event_id: firstCursor } })
        await later.next('snapshot')
        await later.next('caught_up')
        const shown = [client.messages, later.messages, recent, routes, await source()]
          .map((all) => JSON.stringify(all))
          .join('')
        expect(shown).not.toMatch(new RegExp(`run-${run}-event-\\d+-secret`))
        for (const { event_id: id } of events.filter(({ event_id: mark }) => mark.endsWith('open')))
          expect(shown).toContain(id)
        client.socket.terminate()
        later.socket.terminate()
      }),
      { numRuns: 30 },
    )
  })

  it('never names agents of others in a summary', async () => {
    const { url, stream } = await aGateway({ jwtSecret: secret, summaryMs: 30 })
    const client = await signIn(url, { token: await aToken({ tenant_id: 'red', user_id: 'ann' }) })
    await stream.append([
      toEvent({ tenant_id: 'red', user_id: 'bob', agent: 'cook' }, 'bobs'),
      toEvent({ tenant_id: 'blue', user_id: 'ann', agent: 'cook' }, 'blues'),
      toEvent({ tenant_id: 'red', user_id: 'ann', agent: 'coach' }, 'own'),
    ])
    await client.next('stream_event')
    const { data } = await client.next(
      'performance_summary',
      client.messages.filter(({ type }) => type === 'performance_summary').length,
    )
    expect(Object.keys((data as { agents: object }).agents)).toEqual(['coach'])
  })
})
