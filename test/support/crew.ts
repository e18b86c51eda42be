import { expect } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'

/** What the model server of test/e2e/crewai serves to the crew of examples/crewai in each run. */
export const served = { chats: 16, embeddings: 6, tokens: 17_630 }

export interface Source {
  readonly name: string
  readonly service: string
  /** Model calls that the source tells of: not all tell of embeddings, and not all of those in the background. */
  readonly calls: { readonly chat: number; readonly embeddings: number }
  readonly tokens: number
  readonly tellsTools: boolean
  readonly tellsMemory: boolean
}

/** Where the spans of a crew come from, the recording of a run, and what is to be seen in it. */
export const sources: readonly (Source & { readonly recording: string; readonly program: string })[] = [
  {
    name: 'OpenInference',
    service: 'recovery-lab',
    recording: 'crewai-openinference/crew',
    program: 'examples/crewai/main.py',
    calls: { chat: served.chats, embeddings: served.embeddings },
    tokens: served.tokens,
    tellsTools: true,
    tellsMemory: false,
  },
  {
    name: 'OpenInference, by events',
    service: 'recovery-lab',
    recording: 'crewai-openinference/crew-by-events',
    program: 'test/e2e/crewai/openinference_events.py',
    calls: { chat: 11, embeddings: 0 },
    tokens: 12_100,
    tellsTools: true,
    tellsMemory: false,
  },
  {
    name: 'OpenLLMetry',
    service: 'recovery-lab',
    recording: 'crewai-traceloop/crew',
    program: 'test/e2e/crewai/openllmetry.py',
    calls: { chat: served.chats, embeddings: served.embeddings },
    tokens: served.tokens,
    tellsTools: false,
    tellsMemory: false,
  },
  {
    name: "CrewAI's own tracing",
    // Its tracer provider takes no name from the environment.
    service: 'crewai',
    recording: 'crewai-own/crew',
    program: 'test/e2e/crewai/own_tracing.py',
    calls: { chat: served.chats, embeddings: 0 },
    tokens: served.tokens - served.embeddings * 5,
    tellsTools: true,
    tellsMemory: true,
  },
]

/** Fails unless these events tell the run of the crew as it was, starts included. */
export function expectTheCrew(events: readonly AurenEvent[], source: Source): void {
  expectAgents(events)
  expectCalls(events, source)
  expectDelegation(events)
  if (source.tellsTools) expectTools(events)
  else expect(of(events, 'tool_usage')).toEqual([])
  if (source.tellsMemory) expectMemory(events)
  expectTasks(events)
  expectEveryStart(events)
  expect(new Set(events.map(({ trace_id: run }) => run)).size).toBe(1)
  expect(new Set(events.map(({ session_id: session }) => session)).size).toBe(1)
  // Content is off, and the span names that hold some are not told.
  for (const said of ['easy day', 'rmssd', 'athlete a-17', 'Judge how', 'overtrained'])
    expect(JSON.stringify(events).includes(said), said).toBe(false)
}

const of = (events: readonly AurenEvent[], type: string) => events.filter(({ event_type }) => event_type === type)
const agents = (events: readonly AurenEvent[]) => events.map(({ source_agent: agent }) => agent?.id)
const sum = (events: readonly AurenEvent[], key: string) =>
  events.reduce((total, { payload }) => total + Number(payload[key] ?? 0), 0)

function expectAgents(events: readonly AurenEvent[]): void {
  const started = of(events, 'agent_execution_started')
  expect(agents(started)).toEqual(['recovery', 'neuroscientist', 'training_coach', 'training_coach'])
  expect(started.map(({ source_agent: agent }) => agent?.['role'])).toEqual([
    'crew',
    'neuroscientist',
    'training_coach',
    'training_coach',
  ])
  const completed = of(events, 'agent_execution_completed')
  expect(agents(completed).toSorted()).toEqual(agents(started).toSorted())
  for (const { payload } of completed) expect(payload).toMatchObject({ execution_result: 'success', success: true })
}

function expectCalls(events: readonly AurenEvent[], { calls, tokens }: Source): void {
  const made = of(events, 'llm_call')
  const byOperation = Map.groupBy(made, ({ payload }) => payload['operation'])
  expect(byOperation.get('chat')).toHaveLength(calls.chat)
  expect(byOperation.get('embeddings') ?? []).toHaveLength(calls.embeddings)
  expect(sum(made, 'tokens_used')).toBe(tokens)
  expect(sum(made, 'cached_input_tokens')).toBe(200 * calls.chat)
  for (const { payload, source_agent: agent } of made) {
    expect(payload).toMatchObject({ success: true, cost_source: 'price_table' })
    expect(['neuroscientist', 'training_coach']).toContain(agent?.id)
  }
  const ofAgent = (id: string) => made.filter(({ source_agent: agent }) => agent?.id === id)
  const chats = (id: string) => ofAgent(id).filter(({ payload }) => payload['operation'] === 'chat')
  expect(chats('neuroscientist').length + chats('training_coach').length).toBe(calls.chat)
  // The bill: all leaves, once, and all of them the crew's.
  const crew = of(events, 'agent_execution_completed').find(({ source_agent: agent }) => agent?.id === 'recovery')
  expect(crew?.payload['own_cost']).toBe(0)
  expect(crew?.payload['delegated_cost']).toBeCloseTo(sum(made, 'cost'), 12)
  expect(sum(made, 'cost')).toBeGreaterThan(0)
}

function expectDelegation(events: readonly AurenEvent[]): void {
  const [started] = of(events, 'agent_execution_started').slice(2)
  expect(started?.metadata['ancestor_agents']).toEqual(['recovery', 'neuroscientist'])
  const [delegation, ...others] = of(events, 'agent_collaboration')
  expect(others).toEqual([])
  expect(delegation).toMatchObject({
    source_agent: { id: 'neuroscientist' },
    target_agent: { id: 'training_coach' },
    payload: { primary_agent: 'neuroscientist', collaboration_type: 'delegation', success: true },
  })
}

function expectTools(events: readonly AurenEvent[]): void {
  const told = of(events, 'tool_usage').map(({ source_agent: agent, payload }) => [
    agent?.id,
    payload['tool_name'],
    payload['success'],
  ])
  expect(told.toSorted()).toEqual([
    ['neuroscientist', 'delegate_work_to_coworker', true],
    ['neuroscientist', 'force_plate_export', false],
    ['neuroscientist', 'hrv_lookup', true],
    ['training_coach', 'plan_session', true],
    ['training_coach', 'plan_session', true],
  ])
}

/** Asked for each task and the delegated one; the first two find nothing, since nothing has been saved yet. */
function expectMemory(events: readonly AurenEvent[]): void {
  const accesses = of(events, 'memory_tier_access')
  const by = (operation: string) => accesses.filter(({ payload }) => payload['operation'] === operation)
  expect(by('query').map(({ payload }) => payload['cache_hit'])).toEqual([false, false, true])
  expect(agents(by('query'))).toEqual(['neuroscientist', 'training_coach', 'training_coach'])
  expect(by('save').map(({ payload }) => payload['success'])).toEqual([true, true, true])
}

/** Both tasks of the crew: each with its agent's execution in it. */
function expectTasks(events: readonly AurenEvent[]): void {
  const executions = of(events, 'agent_execution_completed')
  const given = executions.filter(({ metadata }) => String(metadata['ancestor_agents']) === 'recovery')
  expect(new Set(given.map(({ metadata }) => metadata['task_id'])).size).toBe(2)
  for (const { metadata, performance_metrics: metrics } of given)
    expect(metrics?.['task_id']).toEqual(metadata['task_id'] ?? 'a task')
}

/** Every execution and call, and every tool but the one that is an agent's execution at the same time. */
function expectEveryStart(events: readonly AurenEvent[]): void {
  const pairs = [
    ['agent_execution_started', 'agent_execution_completed'],
    ['llm_call_started', 'llm_call'],
    ['tool_usage_started', 'tool_usage'],
  ] as const
  for (const [start, end] of pairs) {
    const starts = new Map(of(events, start).map((event) => [event.span_id, event.source_agent?.id]))
    const delegated = new Set(of(events, 'agent_execution_started').map(({ span_id: id }) => id))
    for (const { span_id: id, source_agent: agent } of of(events, end))
      if (end !== 'tool_usage' || !delegated.has(id)) expect(starts.get(id)).toBe(agent?.id)
  }
}
