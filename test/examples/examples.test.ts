import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { programWithAiSdk6 } from '../support/program-file.ts'
import { startOpenAiServer } from '../support/openai-server.ts'
import { startNode, temporaryLog } from '../support/processes.ts'
import { call, expectBill, run, stepsIn, told, use } from '../support/told-steps.ts'

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
  return stepsIn(log)
}

describe('the example of', () => {
  it('the openai package shows its call below the agent that is named', async () => {
    const events = await eventsOf('examples/openai/agent.mjs')
    expect(told(events)).toEqual(run('neuroscientist', ...call('neuroscientist')))
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
})
