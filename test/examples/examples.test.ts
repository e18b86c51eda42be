import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { programWithAiSdk6 } from '../support/program-file.ts'
import { startOpenAiServer } from '../support/openai-server.ts'
import { startNode, temporaryLog } from '../support/processes.ts'

/** Runs an example as its first line says, against a local server, and reads what stands in the stream. */
async function eventsOf(example: string): Promise<AurenEvent[]> {
  const log = temporaryLog()
  const agent = startNode(['--import', 'auren-observability/register', example], {
    AUREN_STREAM_URL: log,
    OPENAI_BASE_URL: await startOpenAiServer(),
    OPENAI_API_KEY: 'none',
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
  })
  expect(await agent.exited(), agent.stderr()).toBe(0)
  expect(agent.stdout()).toBe('Rest today.\n')
  expect(agent.stderr()).toBe('')
  const stream = await openStream(log)
  onTestFinished(() => stream.close())
  const events = (await stream.recent(100)).map(({ event }) => event).reverse()
  // On a busy machine a run may last until a heartbeat.
  return events.filter(({ event_type: type }) => type !== 'heartbeat')
}

/** `type agent`, with what else names the step. */
const told = (events: readonly AurenEvent[]) =>
  events.map(({ event_type: type, source_agent: agent, target_agent: target, payload }) =>
    [type, agent?.id, payload['tool_name'], target && `to ${target.id}`].filter(Boolean).join(' '),
  )

const call = (agent: string) => [`llm_call_started ${agent}`, `llm_call ${agent}`]
const use = (agent: string, tool: string) => [`tool_usage_started ${agent} ${tool}`, `tool_usage ${agent} ${tool}`]

/** 1,000 input tokens at $0.25 and 100 output tokens at $2 a million: what the server bills for each call. */
const billed = { model: 'gpt-5-mini-2025-08-07', input_tokens: 1_000, output_tokens: 100, cost: 0.00045, success: true }

function expectBill(events: readonly AurenEvent[], calls: number): void {
  const called = events.filter(({ event_type: type }) => type === 'llm_call')
  expect(called).toHaveLength(calls)
  for (const { payload } of called) expect(payload).toMatchObject(billed)
  const costs = events
    .filter(({ event_type: type }) => type === 'agent_execution_completed')
    .map(({ payload }) => payload['own_cost'] as number)
  expect(costs.reduce((sum, cost) => sum + cost, 0)).toBeCloseTo(calls * billed.cost, 8)
}

describe('the example of', () => {
  it('the openai package shows its call below the agent that is named', async () => {
    const events = await eventsOf('examples/openai/agent.mjs')
    expect(told(events)).toEqual([
      'agent_execution_started neuroscientist',
      ...call('neuroscientist'),
      'agent_execution_completed neuroscientist',
    ])
    expectBill(events, 1)
  })

  it('the AI SDK 7 shows agents, calls, tools and a delegation, each as it begins and ends', async () => {
    const events = await eventsOf('examples/ai-sdk/agent.mjs')
    expect(told(events)).toEqual([
      'agent_execution_started neuroscientist',
      ...call('neuroscientist'),
      ...use('neuroscientist', 'hrv_lookup'),
      ...call('neuroscientist'),
      'tool_usage_started neuroscientist ask_coach',
      'agent_execution_started training_coach',
      ...call('training_coach'),
      ...use('training_coach', 'plan_session'),
      ...call('training_coach'),
      'agent_execution_completed training_coach',
      'agent_collaboration neuroscientist to training_coach',
      'tool_usage neuroscientist ask_coach',
      ...call('neuroscientist'),
      'agent_execution_completed neuroscientist',
    ])
    expectBill(events, 5)
  })

  it('the AI SDK 6 shows the agent by its id, without telemetry in its code', async () => {
    const events = await eventsOf(programWithAiSdk6(readFileSync('examples/ai-sdk-6/agent.mjs', 'utf8'), 'agent.mjs'))
    expect(told(events)).toEqual([
      'agent_execution_started neuroscientist',
      ...call('neuroscientist'),
      ...use('neuroscientist', 'hrv_lookup'),
      ...call('neuroscientist'),
      'agent_execution_completed neuroscientist',
    ])
    expectBill(events, 2)
  })

  it('the OpenAI Agents SDK shows a hand-off, and one call where the openai instrumentation sees it too', async () => {
    const events = await eventsOf('examples/openai-agents/agent.mjs')
    expect(told(events)).toEqual([
      'agent_execution_started neuroscientist',
      ...call('neuroscientist'),
      ...use('neuroscientist', 'hrv_lookup'),
      ...call('neuroscientist'),
      'agent_collaboration neuroscientist to training_coach',
      'agent_execution_completed neuroscientist',
      'agent_execution_started training_coach',
      ...call('training_coach'),
      ...use('training_coach', 'plan_session'),
      ...call('training_coach'),
      'agent_execution_completed training_coach',
    ])
    expect(new Set(events.map(({ trace_id: id }) => id)).size).toBe(1)
    expectBill(events, 4)
  })

  // It needs more packages than the checkout installs. What such an agent sends is recorded (langchain-openinference/react-agent),
  // and how LangChain is hooked is run with a model of @langchain/core.
  it('LangChain is a program that Node can read', async () => {
    expect(await startNode(['--check', 'examples/langchain/agent.mjs']).exited()).toBe(0)
  })
})
