import { expect } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { openStream } from '../../src/streams/open-stream.ts'

/** All events of a stream in their order, without heartbeats: on a busy machine a run may last until one. */
export async function stepsIn(url: string): Promise<AurenEvent[]> {
  const stream = await openStream(url)
  try {
    const events = (await stream.recent(100)).map(({ event }) => event).reverse()
    return events.filter(({ event_type: type }) => type !== 'heartbeat')
  } finally {
    await stream.close()
  }
}

/** `type agent`, with what else names the step. */
export const told = (events: readonly AurenEvent[]) =>
  events.map(({ event_type: type, source_agent: agent, target_agent: target, payload }) =>
    [type, agent?.id, payload['tool_name'], target && `to ${target.id}`].filter(Boolean).join(' '),
  )

export const call = (agent: string) => [`llm_call_started ${agent}`, `llm_call ${agent}`]
export const use = (agent: string, tool: string) => [
  `tool_usage_started ${agent} ${tool}`,
  `tool_usage ${agent} ${tool}`,
]
export const run = (agent: string, ...steps: readonly string[]) => [
  `agent_execution_started ${agent}`,
  ...steps,
  `agent_execution_completed ${agent}`,
]

/** 1,000 input tokens at $0.25 and 100 output tokens at $2 a million: what the server bills for each call. */
const billed = { model: 'gpt-5-mini-2025-08-07', input_tokens: 1_000, output_tokens: 100, cost: 0.00045, success: true }

/** Each call has what the server billed, and the agents own the sum of it. */
export function expectBill(
  events: readonly AurenEvent[],
  calls: number,
  each: { readonly cost: number } = billed,
): void {
  const called = events.filter(({ event_type: type }) => type === 'llm_call')
  expect(called).toHaveLength(calls)
  for (const { payload } of called) expect(payload).toMatchObject(each)
  expect(ownCosts(events)).toBeCloseTo(calls * each.cost, 8)
}

export function ownCosts(events: readonly AurenEvent[]): number {
  return events
    .filter(({ event_type: type }) => type === 'agent_execution_completed')
    .reduce((sum, { payload }) => sum + (payload['own_cost'] as number), 0)
}
