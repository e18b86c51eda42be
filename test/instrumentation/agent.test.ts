import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import type { AurenEventType } from '../../src/events/event-types.ts'
import { AurenSpanProcessor } from '../../src/exporters/span-processor.ts'
import { agent } from '../../src/instrumentation/agent.ts'
import { setContentCapture } from '../../src/instrumentation/content-capture.ts'
import { RecordingStream } from '../support/recording-stream.ts'

let stream: RecordingStream
let processor: AurenSpanProcessor

beforeEach(() => {
  stream = new RecordingStream()
  processor = new AurenSpanProcessor({ stream: stream.asStream(), heartbeatMs: 0, captureContent: true })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [processor] }))
})

afterEach(async () => {
  trace.disable()
  context.disable()
  setContentCapture(false)
  await processor.shutdown()
})

async function published(type: AurenEventType): Promise<AurenEvent[]> {
  await processor.forceFlush()
  return stream.batches.flat().filter((event) => event.event_type === type)
}

describe('the agent API', () => {
  it('passes on what the work gives, and its error, unchanged', async () => {
    expect(await agent('lead', (run) => run.tool('t', () => 42))).toBe(42)
    const error = new Error('mine')
    await expect(agent('lead', () => Promise.reject(error))).rejects.toBe(error)
    expect((await published('agent_execution_completed')).map(({ payload }) => payload['execution_result'])).toEqual([
      'success',
      'error',
    ])
  })

  it('names the agent with id, role and what else is known of it', async () => {
    await agent({ id: 'a', role: 'Analyst', version: '2', goal: 'truth', session: 's', user: 'u' }, () => undefined)
    const [event] = await published('agent_execution_started')
    expect(event).toMatchObject({
      source_agent: { id: 'a', role: 'Analyst', version: '2', goal: 'truth' },
      session_id: 's',
      user_id: 'u',
    })
  })

  it('tells of model calls with usage, first token and answer', async () => {
    await agent('lead', (run) =>
      run.llm({ model: 'm', provider: 'openai', stream: true, purpose: 'plan' }, (step) => {
        step.firstToken()
        step.usage({ inputTokens: 10, outputTokens: 5, cachedInputTokens: 4, reasoningTokens: 2, cost: 0.5 })
        step.response({ id: 'r', model: 'm-1', finishReasons: ['stop'] })
      }),
    )
    expect((await published('llm_call'))[0]?.payload).toMatchObject({
      model: 'm-1', request_model: 'm', provider: 'openai', operation: 'chat', purpose: 'plan', streaming: true,
      input_tokens: 10, output_tokens: 5, cached_input_tokens: 4, reasoning_tokens: 2, tokens_used: 15,
      cost: 0.5, cost_source: 'provider', finish_reasons: ['stop'], response_id: 'r',
      time_to_first_token_ms: expect.any(Number) as number,
    }) // prettier-ignore
  })

  it('gives memory accesses the keys that both old readers need', async () => {
    await agent('lead', (run) =>
      run.memory({ tier: 'redis', query: 'q' }, (step) => {
        step.hit(true)
        step.items(3)
      }),
    )
    const [event] = await published('memory_tier_access')
    const latency = event?.performance_metrics?.latency_ms
    expect(event?.payload).toMatchObject({
      tier_accessed: 'redis', operation: 'search', cache_hit: true, items_retrieved: 3, result_count: 3,
      latency_ms: latency, total_latency_ms: latency, tier_latencies: { redis: { latency_ms: latency, hit: true, items_found: 3 } },
    }) // prettier-ignore
  })

  it('tells of knowledge, collaboration, hand-off, decision, hypothesis, biometrics and conversation', async () => {
    await agent('lead', async (run) => {
      await run.knowledge({ domain: 'sleep', topic: 'debt' }, (step) => {
        step.items(2)
        step.relevance(0.9)
      })
      await run.collaborate({ with: ['coach', 'cook'], reason: 'why' }, (step) => step.consensus(true))
      run.handoff({ to: { id: 'coach', role: 'Coach' }, reason: 'plan' })
      run.decision({ decision: 'rest', confidence: 0.8, alternatives: ['train'], category: 'training' })
      run.hypothesis({ hypothesis: 'h', confidence: 0.5, evidencePoints: 2, validationDays: 3, domain: 'sleep' })
      run.biometric({ metrics: { hrv_rmssd: 61.5 }, alerts: false, trend: 'stable' })
      run.conversation({ direction: 'user_to_system', message: 'hello', conversationId: 'c', messageNumber: 1 })
      run.emit('system_health', { status: 'fine' })
    })
    const payload = async (type: AurenEventType) => (await published(type)).map((event) => event.payload)
    expect(await payload('knowledge_access')).toMatchObject([
      { knowledge_domain: 'sleep', topic: 'debt', items_accessed: 2, relevance_score: 0.9, success: true },
    ])
    expect(await published('agent_collaboration')).toMatchObject([
      {
        payload: {
          primary_agent: 'lead',
          collaborating_agents: ['coach', 'cook'],
          collaboration_type: 'consultation',
          reason: 'why',
          consensus_reached: true,
        },
      },
      {
        payload: {
          primary_agent: 'lead',
          collaborating_agents: ['coach'],
          collaboration_type: 'handoff',
          reason: 'plan',
        },
        target_agent: { id: 'coach', role: 'Coach' },
      },
    ])
    expect(await payload('agent_decision')).toMatchObject([
      { decision: 'rest', confidence: 0.8, alternatives_considered: ['train'], origin: 'self_reported' },
    ])
    expect(await payload('hypothesis_formation')).toMatchObject([
      { hypothesis: 'h', evidence_points: 2, validation_timeline: '3 days' },
    ])
    expect(await payload('biometric_analysis')).toMatchObject([
      { metrics_available: ['hrv_rmssd'], current_values: { hrv_rmssd: 61.5 }, has_alerts: false },
    ])
    expect(await payload('conversation_event')).toMatchObject([
      { direction: 'user_to_system', message: 'hello', message_length: 5 },
    ])
    expect(await payload('system_health')).toEqual([{ status: 'fine' }])
  })

  it('keeps what is said off the span itself unless content is captured', async () => {
    const say = () =>
      agent('lead', async (run) => {
        await run.tool({ name: 't', arguments: { said: 'argument' } }, (step) => step.result('result'))
        await run.llm({ model: 'm' }, (step) => step.input('prompt'))
      })
    await say()
    expect((await published('tool_usage'))[0]?.payload).not.toHaveProperty('arguments')
    setContentCapture(true)
    await say()
    expect((await published('tool_usage'))[1]?.payload).toMatchObject({
      arguments: { said: 'argument' },
      result: 'result',
    })
    expect((await published('llm_call'))[1]?.payload).toMatchObject({ prompt: 'prompt' })
  })

  it('never throws for what cannot be written down', async () => {
    const cyclic: Record<string, unknown> = {}
    cyclic['self'] = cyclic
    setContentCapture(true)
    await agent('lead', async (run) => {
      run.decision({ decision: cyclic })
      run.emit('system_health', { big: 10n })
      await run.tool({ name: 't', arguments: cyclic }, (step) => step.result(cyclic))
    })
    expect((await published('system_health'))[0]?.payload).toEqual({ big: '10' })
  })

  it('runs the work when nobody observes', async () => {
    trace.disable()
    expect(await agent('lead', (run) => run.llm({ model: 'm' }, () => 'answer'))).toBe('answer')
  })

  it('keeps a call that comes from outside of the context with the run', async () => {
    let later: (() => Promise<number>) | undefined
    await agent('lead', (run) => {
      later = () => run.tool('late', () => 1)
    })
    await later?.()
    expect((await published('tool_usage'))[0]).toMatchObject({
      source_agent: { id: 'lead' },
      payload: { tool_name: 'late' },
    })
  })
})
