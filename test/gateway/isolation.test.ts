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
    performance_metrics: metrics,
    timestamp: new Date().toISOString(),
  })
}

describe('isolation', () => {
  it('shows no connection anything of an event it may not see, in any message and on any route', async () => {
    const { url, stream } = await aGateway({ jwtSecret: secret, summaryMs: 60, maxConnectionsPerUser: 1_000 })
    let run = 0
    await fc.assert(
      fc.asyncProperty(claims, fc.array(facts, { minLength: 1, maxLength: 8 }), async (token, all) => {
        run += 1
        const jwt = await aToken(Object.fromEntries(Object.entries(token).filter(([, value]) => value !== undefined)))
        const client = await signIn(url, { token: jwt, protocol_version: 1 })
        const events = all.map((one, index) =>
          toEvent(one, `run-${run}-event-${index}-${may(token, one) ? 'open' : 'secret'}`),
        )
        // Comes last and may be seen, so that everything before it has been decided.
        const last = { tenant_id: token.tenant_id, user_id: token.user_id, agent: 'coach' as const }
        await stream.append([...events, toEvent(last, `run-${run}-last-open`)])
        const expected = events.filter(({ event_id: id }) => id.endsWith('open')).length + 1
        await client.next('stream_event', expected - 1)
        client.send({ type: 'get_recent', limit: 1_000 })
        const recent = await client.next('recent_events')
        await client.next('performance_summary')
        const headers = { authorization: `Bearer ${jwt}` }
        const routes = await Promise.all(
          ['/api/events?limit=1000', '/api/summary'].map(async (path) => (await fetch(url + path, { headers })).text()),
        )
        const shown = JSON.stringify(client.messages) + JSON.stringify(recent) + routes.join('')
        expect(shown).not.toMatch(new RegExp(`run-${run}-event-\\d+-secret`))
        for (const { event_id: id } of events.filter(({ event_id: mark }) => mark.endsWith('open')))
          expect(shown).toContain(id)
        client.socket.terminate()
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
