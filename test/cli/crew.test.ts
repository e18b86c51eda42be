import { setImmediate as turn } from 'node:timers/promises'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Team } from '../../src/cli/demo/team.ts'
import type { AurenEvent } from '../../src/events/event.ts'
import { AurenSpanProcessor } from '../../src/exporters/span-processor.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { auren, temporaryLog } from '../support/processes.ts'
import { RecordingStream } from '../support/recording-stream.ts'
import { until } from '../support/until.ts'

/**
 * What a team of this seed publishes over so many questions, one after the other. Simulated work takes one turn of the event
 * loop: in no time at all, a parent that ends too early would be published together with its children, and sorted after them.
 */
async function eventsOf(seed: number, questions: number): Promise<AurenEvent[]> {
  const stream = new RecordingStream()
  const processor = new AurenSpanProcessor({ stream: stream.asStream(), heartbeatMs: 0 })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [processor] }))
  try {
    const team = new Team(seed, () => turn())
    for (let number = 0; number < questions; number += 1) await team.answerNext().catch(() => undefined)
    await processor.forceFlush()
    return stream.batches.flat()
  } finally {
    trace.disable()
    context.disable()
    await processor.shutdown()
  }
}

/** What does not depend on ids and clocks. */
function story({ event_type: type, source_agent: agent, payload }: AurenEvent): unknown[] {
  const { tool_name, model, input_tokens, output_tokens, cached_input_tokens, tier_accessed, cache_hit } = payload
  const { decision, confidence, success, error_type, current_values, reason } = payload
  const calls = [tool_name, model, input_tokens, output_tokens, cached_input_tokens]
  const facts = [tier_accessed, cache_hit, decision, confidence, success, error_type, current_values, reason]
  return [type, agent?.id, ...calls, ...facts]
}

describe('the crew', () => {
  it('does the same work for the same seed, and other work for another', async () => {
    const first = (await eventsOf(7, 6)).map(story)
    expect((await eventsOf(7, 6)).map(story)).toEqual(first)
    expect((await eventsOf(8, 6)).map(story)).not.toEqual(first)
  })

  it('shows five specialists, what they do, and failures now and then', async () => {
    const events = await eventsOf(1, 40)
    expect(new Set(events.map(({ source_agent: agent }) => agent?.id))).toEqual(
      new Set(['neuroscientist', 'nutritionist', 'training_coach', 'recovery_agent', 'sleep_specialist']),
    )
    expect(new Set(events.map(({ event_type: type }) => type))).toEqual(
      new Set([
        ...['agent_execution_started', 'agent_execution_completed', 'agent_collaboration', 'agent_decision'],
        ...['tool_usage_started', 'tool_usage', 'llm_call_started', 'llm_call', 'hypothesis_formation'],
        ...['knowledge_access', 'biometric_analysis', 'conversation_event', 'memory_tier_access'],
      ]),
    )
    const outcomes = (type: string) =>
      events.filter((event) => event.event_type === type).map(({ payload }) => payload['success'])
    for (const type of ['tool_usage', 'llm_call', 'agent_execution_completed']) {
      const failed = outcomes(type).filter((success) => success === false).length
      expect(failed, type).toBeGreaterThan(0)
      expect(failed / outcomes(type).length, type).toBeLessThan(0.2)
    }
    const turns = events.filter(({ event_type: type }) => type === 'conversation_event')
    expect(new Set(turns.map(({ payload }) => payload['direction']))).toEqual(
      new Set(['user_to_system', 'system_to_user', 'system_error']),
    )
    for (const { session_id: session, user_id: user } of events) {
      expect(session).toMatch(/^session_1_\d+$/)
      expect(user).toMatch(/^user_athlete_\d$/)
    }
  })

  it('ends no step before what it started, and nests tools in tools and agents in agents', async () => {
    const events = await eventsOf(2, 60)
    const failed = events.filter(({ payload }) => payload['execution_result'] === 'error')
    // Else nothing could have been left behind by a parent that gave up.
    expect(failed.map(({ source_agent: agent }) => agent?.id)).toContain('nutritionist')
    const ended = new Set<string>()
    const started = new Map(
      events.filter(({ event_type: type }) => type.endsWith('_started')).map((e) => [e.span_id, e]),
    )
    const nested: string[] = []
    for (const { event_type: type, span_id: span, parent_span_id: parent } of events) {
      expect(ended.has(parent ?? ''), `a ${type} after its parent had ended`).toBe(false)
      if (!type.endsWith('_started')) ended.add(span ?? '')
      else nested.push(`${started.get(parent)?.event_type} > ${type}`)
    }
    expect(nested).toContain('tool_usage_started > tool_usage_started')
    expect(nested).toContain('agent_execution_started > agent_execution_started')
  })

  it('searches slower memory only where faster memory missed, and finds what was stored', async () => {
    const searches = (await eventsOf(5, 30)).filter(
      ({ event_type: type, payload }) => type === 'memory_tier_access' && payload['operation'] === 'search',
    )
    const tiers = ['redis', 'postgresql', 'chromadb']
    let expected = 'redis'
    for (const { payload } of searches) {
      expect(payload['tier_accessed']).toBe(expected)
      const next = tiers[tiers.indexOf(expected) + 1]
      expected = payload['cache_hit'] === true || next === undefined ? 'redis' : next
    }
    const hits = searches.filter(({ payload }) => payload['cache_hit'] === true)
    expect(new Set(hits.map(({ payload }) => payload['tier_accessed']))).toEqual(new Set(['redis', 'postgresql']))
  })
})

describe('auren demo --crew-only', () => {
  it('finishes what is under way when its time is over, and every agent that started has ended', async () => {
    const log = temporaryLog()
    const crew = auren(['demo', '--crew-only', '--duration', '1', '--rate', '120', '--stream', log], {
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    })
    expect(await crew.exited()).toBe(0)
    expect(crew.stderr()).toBe('')
    const { open, failures } = await outcomes(log)
    expect(open).toEqual([])
    expect(failures).not.toContain('ABORT_ERR')
  })

  it('cancels what is under way on SIGTERM, and says so in the events', async () => {
    const log = temporaryLog()
    const crew = auren(['demo', '--crew-only', '--rate', '120', '--stream', log], {
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    })
    const stream = await openStream(log)
    onTestFinished(() => stream.close())
    await until('a tool is at work', async () =>
      (await stream.recent(20)).some(({ event }) => event.event_type === 'tool_usage_started'),
    )
    crew.child.kill('SIGTERM')
    expect(await crew.exited()).toBe(0)
    const { open, failures } = await outcomes(log)
    expect(open).toEqual([])
    expect(failures).toContain('ABORT_ERR')
  })
})

/** Steps that started and never ended, and the errors of those that failed. */
async function outcomes(log: string): Promise<{ open: string[]; failures: unknown[] }> {
  const stream = await openStream(log)
  const events = (await stream.recent(1_000)).map(({ event }) => event)
  await stream.close()
  const isStart = ({ event_type: type }: AurenEvent) => type.endsWith('_started')
  const ended = new Set(events.filter((event) => !isStart(event)).map(({ span_id: span }) => span))
  expect(events.length).toBeGreaterThan(5)
  return {
    open: events.filter((event) => isStart(event) && !ended.has(event.span_id)).map(({ event_type: type }) => type),
    failures: events.filter(({ payload }) => payload['success'] === false).map(({ payload }) => payload['error_type']),
  }
}
