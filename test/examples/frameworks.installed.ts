import { cpSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { startAnthropicServer } from '../support/anthropic-server.ts'
import { startOpenAiServer } from '../support/openai-server.ts'
import { root, startGatewayProcess, startNode, temporaryFolder, temporaryLog } from '../support/processes.ts'
import { call, expectBill, ownCosts, run, stepsIn, told, use } from '../support/told-steps.ts'

/**
 * Runs an example with the packages of its own, as its `npm start` does, and reads what stands in the stream. Its folder is
 * outside of the checkout, whose packages it would find.
 */
async function eventsOf(example: string, env: Readonly<Record<string, string>> = {}): Promise<AurenEvent[]> {
  const folder = temporaryFolder()
  cpSync(join(root, 'examples', example), folder, { recursive: true })
  symlinkSync(join(root, '.cache/examples', example, 'node_modules'), join(folder, 'node_modules'))
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { scripts: { start: string } }
  const log = temporaryLog()
  const agent = startNode(
    manifest.scripts.start.split(' ').slice(1),
    {
      AUREN_STREAM_URL: log,
      OPENAI_BASE_URL: await startOpenAiServer(),
      OPENAI_API_KEY: 'none',
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      // Where it is not production, VoltAgent asks the internet for a list of models.
      NODE_ENV: 'production',
      ...env,
    },
    folder,
  )
  expect(await agent.exited(), agent.stderr()).toBe(0)
  expect(agent.stdout()).toBe('Rest today.\n')
  expect(agent.stderr()).not.toMatch(/auren/i)
  return stepsIn(log)
}

const answered = [...call('neuroscientist'), ...use('neuroscientist', 'hrv_lookup'), ...call('neuroscientist')] as const

describe('the example of', () => {
  it('the Anthropic SDK shows calls and tools of its runner below the agent that is named, with what was cached', async () => {
    const events = await eventsOf('anthropic', {
      ANTHROPIC_BASE_URL: await startAnthropicServer(),
      ANTHROPIC_API_KEY: 'none',
    })
    expect(told(events)).toEqual(run('neuroscientist', ...answered))
    // 400 tokens at $2, 600 from the cache at $0.20 and 100 of output at $10 a million.
    const each = {
      model: 'claude-sonnet-5',
      input_tokens: 1_000,
      cached_input_tokens: 600,
      output_tokens: 100,
      cost: 0.00192,
    }
    expectBill(events, 2, each)
  })

  it('MCP shows a tool below the agent that calls it, though the connection is older', async () => {
    const events = await eventsOf('mcp')
    expect(told(events)).toEqual(run('neuroscientist', ...use('neuroscientist', 'hrv_lookup')))
    expect(new Set(events.map(({ trace_id: id }) => id)).size).toBe(1)
    expect(events.at(-1)?.payload).toMatchObject({ success: true, tools_used: 1 })
  })

  it('LangChain shows agent, calls and tools, each as it begins and ends, in the session of its thread', async () => {
    const events = await eventsOf('langchain')
    expect(told(events)).toEqual(run('neuroscientist', ...answered))
    expect(new Set(events.map(({ session_id: id }) => id))).toEqual(new Set(['thread-42']))
    expectBill(events, 2)
  })

  it('LangGraph shows a hand-off from one agent of a graph to the next', async () => {
    const events = await eventsOf('langgraph')
    expect(told(events)).toEqual([
      ...run(
        'neuroscientist',
        ...answered,
        ...use('neuroscientist', 'ask_coach'),
        'agent_collaboration neuroscientist to training_coach',
      ),
      ...run(
        'training_coach',
        ...call('training_coach'),
        ...use('training_coach', 'plan_session'),
        ...call('training_coach'),
      ),
    ])
    expect(new Set(events.map(({ trace_id: id }) => id)).size).toBe(1)
    expectBill(events, 4)
  })

  it('LlamaIndex shows calls, and the tools that are named', async () => {
    const events = await eventsOf('llamaindex')
    expect(told(events)).toEqual(run('neuroscientist', ...answered))
    expectBill(events, 2)
  })

  it('Genkit shows a flow as the agent', async () => {
    const events = await eventsOf('genkit')
    expect(told(events)).toEqual(run('neuroscientist', ...answered))
    expectBill(events, 2)
  })

  it('VoltAgent shows a delegation and bills all calls, those as one that its spans do not tell apart', async () => {
    const events = await eventsOf('voltagent')
    expect(told(events)).toEqual(
      run(
        'neuroscientist',
        'llm_call_started neuroscientist',
        ...use('neuroscientist', 'hrv_lookup'),
        ...run(
          'training_coach',
          'llm_call_started training_coach',
          ...use('training_coach', 'plan_session'),
          'llm_call training_coach',
          'llm_call training_coach',
        ),
        'agent_collaboration neuroscientist to training_coach',
        'llm_call neuroscientist',
        'llm_call neuroscientist',
      ),
    )
    // Three calls of the one and two of the other.
    expect(ownCosts(events)).toBeCloseTo(5 * 0.00045, 8)
  })

  it('Mastra shows agents, calls, tools and a delegation when they have ended, through the gateway', async () => {
    const log = temporaryLog()
    const { url } = await startGatewayProcess(log)
    await eventsOf('mastra', { AUREN_GATEWAY_URL: url })
    const events = await stepsIn(log)
    const called = ['neuroscientist', 'neuroscientist', 'neuroscientist', 'training_coach', 'training_coach']
    expect(told(events).sort()).toEqual(
      [
        ...called.map((agent) => `llm_call ${agent}`),
        'tool_usage neuroscientist hrv_lookup',
        'tool_usage neuroscientist agent-trainingCoach',
        'tool_usage training_coach plan_session',
        'agent_execution_completed neuroscientist',
        'agent_execution_completed training_coach',
        'agent_collaboration neuroscientist to training_coach',
      ].sort(),
    )
    expectBill(events, 5)
  })
})
