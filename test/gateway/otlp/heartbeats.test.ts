import { describe, expect, it } from 'vitest'
import { aReceiver, agent, chat, childId, parentId, request, span } from '../../support/otlp-receiver.ts'
import { until } from '../../support/until.ts'

/** As auren-live sends it for the spans that are open. */
function heartbeatRequest(timeMs: number, ...spans: readonly unknown[]): string {
  const attributes = [
    { key: 'auren.heartbeat.producer', value: { stringValue: 'host-1' } },
    { key: 'auren.heartbeat.interval_ms', value: { intValue: '10000' } },
    { key: 'auren.heartbeat.time_unix_ms', value: { intValue: String(timeMs) } },
  ]
  return JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans }] }] })
}

describe('a heartbeat over OTLP', () => {
  it('is one heartbeat of the run whose open spans it brings, however often it comes', async () => {
    const { post, stored } = await aReceiver()
    const lead = span({ id: parentId, end: 0, ...agent })
    const call = span({ id: childId, parent: parentId, end: 0, ...chat })
    const ofNoInterest = span({ end: 0 })
    await post(request(lead))
    for (let i = 0; i < 2; i += 1) await post(heartbeatRequest(1_795_000_010_000, lead, call, ofNoInterest))
    await until('the heartbeat is written', async () => (await stored()).length === 3)
    await post(heartbeatRequest(1_795_000_020_000, lead))
    const [started, late, first, second] = await until('the next one is', async () => {
      return (await stored()).length === 4 && stored()
    })
    // The call's own start was lost on the way.
    expect(late).toMatchObject({ event_type: 'llm_call_started', source_agent: { id: 'lead' } })
    expect(first).toEqual({
      ...started,
      event_id: expect.any(String) as string,
      timestamp: '2026-11-18T11:06:50.000+00:00',
      event_type: 'heartbeat',
      payload: { producer: 'host-1', interval_ms: 10_000, open_steps: [parentId, childId] },
      metadata: { run_started: started?.timestamp },
    })
    expect(second).toMatchObject({ event_type: 'heartbeat', payload: { open_steps: [parentId] } })
  })

  it('publishes the start of a span that had no attributes yet, when it brings them', async () => {
    const { post, stored } = await aReceiver()
    await post(request(span({ id: childId, end: 0 })))
    await post(heartbeatRequest(1_795_000_010_000, span({ id: childId, end: 0, ...chat })))
    await post(heartbeatRequest(1_795_000_020_000, span({ id: childId, end: 0, ...chat })))
    await until('the second heartbeat is written', async () => (await stored()).length === 3)
    expect(await stored()).toMatchObject([
      { event_type: 'llm_call_started', timestamp: '2026-11-18T11:06:40.000+00:00', span_id: childId },
      { event_type: 'heartbeat' },
      { event_type: 'heartbeat' },
    ])
  })

  it('is none of a run that has ended', async () => {
    const { post, types } = await aReceiver()
    await post(request(span({ id: parentId, ...agent })))
    await post(heartbeatRequest(1_795_000_010_000, span({ id: parentId, end: 0, ...agent })))
    await post(request(span({ ...chat })))
    await until('the last is written', async () => (await types()).length === 2)
    expect(await types()).toEqual(['agent_execution_completed', 'llm_call'])
  })
})
