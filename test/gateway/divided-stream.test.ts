import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { aGateway } from '../support/gateway.ts'
import { startRedis } from '../support/redis-server.ts'
import { stepEvents } from '../support/run-events.ts'
import { until } from '../support/until.ts'
import { signIn } from '../support/ws-client.ts'

const traces = ['0', '1', '2', '3'].map((digit) => digit.padStart(32, 'a'))

/** A run in each of four traces: an agent and five model calls, all in turn. */
function fourRuns(): AurenEvent[] {
  const now = { timestamp: new Date().toISOString() }
  const steps = [1, 2, 3, 4, 5, 6].map((id) =>
    id === 1
      ? ({ id, kind: 'agent', agent: 'lead', from: 0, fields: now } as const)
      : ({ id, kind: 'model', parent: 1, agent: 'lead', from: 0, to: 0, cost: 0.25, tokens: 5, fields: now } as const),
  )
  return steps
    .flatMap(stepEvents)
    .flatMap((event) => traces.map((trace_id) => ({ ...event, trace_id, event_id: `${trace_id} ${event.event_id}` })))
}

async function ask<T>(url: string, path: string): Promise<T> {
  const response = await fetch(url + path, { headers: { authorization: 'Bearer test' } })
  expect(response.status).toBe(200)
  return (await response.json()) as T
}

const ofTrace = (events: readonly AurenEvent[], trace: string) =>
  events.filter((event) => event.trace_id === trace).map((event) => event.event_id)

interface Events {
  readonly events: AurenEvent[]
  readonly next: string
  readonly more: boolean
}

async function page(url: string): Promise<AurenEvent[]> {
  const all: AurenEvent[] = []
  for (let after = 'earliest'; ;) {
    const { events, next, more } = await ask<Events>(url, `/api/events?limit=7&after=${encodeURIComponent(after)}`)
    all.push(...events)
    if (!more) return all
    after = next
  }
}

interface Told {
  readonly cost: number
  readonly steps: number
  readonly lease_until: unknown
}

describe('gateways over a stream in eight keys', () => {
  it('know the same, whenever they were started, and give a client that changes between them what it missed', async () => {
    const stream = `${(await startRedis()).url}?streams=8`
    const early = await aGateway({ stream })
    const client = await signIn(early.url, { protocol_version: 1 })
    expect(await client.next('connection_established')).toMatchObject({ ordering: 'partition' })
    const sent = fourRuns()
    await early.stream.append(sent.slice(0, 20))
    await client.next('stream_event', 19)
    client.socket.terminate()
    await early.stream.append(sent.slice(20))

    const late = await aGateway({ stream })
    const lastId = client.messages.findLast(({ type }) => type === 'stream_event')?.['id']
    const again = await signIn(late.url, { protocol_version: 1, resume: { last_event_id: String(lastId) } })
    await again.next('caught_up')
    const came = [...client.events(), ...again.events()]
    expect(came).toHaveLength(sent.length)
    expect(again.messages.filter(({ type }) => type === 'gap')).toEqual([])
    for (const trace of traces) expect(ofTrace(came, trace)).toEqual(ofTrace(sent, trace))

    const paged = await page(late.url)
    expect(paged).toHaveLength(sent.length)
    for (const trace of traces) expect(ofTrace(paged, trace)).toEqual(ofTrace(sent, trace))
    again.send({ type: 'get_recent', limit: 1_000 })
    expect(await again.next('recent_events')).toMatchObject({ count: sent.length })
    const [before, after] = await Promise.all([early.url, late.url].map((url) => whatIsKnown(url)))
    expect(after).toEqual(before)
    expect(before?.runs.map(({ cost }) => cost)).toEqual([1.25, 1.25, 1.25, 1.25])
  })
})

/** Of the four runs: in their trees and in the summary. */
async function whatIsKnown(url: string) {
  const runs = await until('the runs are complete', async () => {
    const told = await Promise.all(traces.map((trace) => ask<Told>(url, `/api/runs/${trace}`)))
    return told.every(({ cost }) => cost === 1.25) ? told : undefined
  })
  const { agents } = await ask<{ agents: { lead: { tokens: unknown; cost: unknown } } }>(url, '/api/summary')
  return {
    runs: runs.map((run) => ({ ...run, lease_until: null })),
    tokens: agents.lead.tokens,
    cost: agents.lead.cost,
  }
}
