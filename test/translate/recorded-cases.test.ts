import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { priceByTable } from '../../src/translate/pricing.ts'
import { recordings, truthOf } from '../support/otlp-fixture.ts'
import type { ServedCall, Truth } from '../support/otlp-fixture.ts'
import { received } from '../support/received.ts'
import { expectations, providers } from './recorded-expectations.ts'
import type { Expectation, Fact } from './recorded-expectations.ts'

const of = (events: readonly AurenEvent[], wanted: AurenEvent['event_type']) =>
  events.filter(({ event_type: type }) => type === wanted)
const start = ({ metadata }: AurenEvent) => String(metadata['start_time'])
const modelCalls = (events: readonly AurenEvent[]) =>
  of(events, 'llm_call').toSorted((a, b) => start(a).localeCompare(start(b)))
const chats = (events: readonly AurenEvent[]) =>
  modelCalls(events).filter(({ payload }) => payload['operation'] !== 'embeddings' && payload['success'] === true)
const refused = (events: readonly AurenEvent[]) =>
  modelCalls(events).filter(({ payload }) => payload['success'] === false)
const embeddings = (events: readonly AurenEvent[]) =>
  modelCalls(events).filter(({ payload }) => payload['operation'] === 'embeddings')

/** A served call's facts beside what its event says of them. */
function callFacts(served: ServedCall, event: AurenEvent): Record<string, readonly [truth: unknown, told: unknown]> {
  const { payload } = event
  // Anthropic's API counts the cache apart; events count it in, as the conventions do.
  const isAnthropic = served.model.startsWith('claude')
  const read = isAnthropic ? served.cached_tokens : 0
  const isRepeated = served.model !== served.response_model && payload['model'] === served.model
  const written = isAnthropic ? Number(payload['cache_write_tokens'] ?? 0) : 0
  return {
    agents: [served.agent, event.source_agent?.id],
    request_model: [served.model, payload['request_model']],
    // The name that was asked for stands in for the answered one where a span has no other.
    answered_model: [served.response_model, isRepeated ? undefined : payload['model']],
    streaming: [served.stream, payload['streaming']],
    input_tokens: [served.input_tokens + read + written, payload['input_tokens']],
    output_tokens: [served.output_tokens, payload['output_tokens']],
    cached_tokens: [served.cached_tokens, payload['cached_input_tokens']],
    reasoning_tokens: [served.reasoning_tokens, payload['reasoning_tokens']],
    finish_reason: [finish(served.finish), (payload['finish_reasons'] as string[] | undefined)?.map(finish)[0]],
  }
}

/** `tool-calls`, `tool_call`, `tool_use`: each library has its own word. */
const finish = (reason: string) =>
  /^tool/.test(reason) ? 'tools' : /^(?:stop|end_turn|completed)$/.test(reason) ? 'stop' : reason

/** What the spans do not hold is absent or right, never wrong, and somewhere it is absent: else the table is out of date. */
function compare(
  fact: string,
  pairs: readonly (readonly [truth: unknown, told: unknown])[],
  gaps: Expectation['notInTheSpans'],
) {
  const mayMiss = gaps !== undefined && fact in gaps
  for (const [truth, told] of pairs) {
    const isNothing = truth === 0 || truth === false || truth === null
    if (told === undefined && (isNothing || mayMiss)) continue
    expect(told, fact).toEqual(truth)
  }
  if (mayMiss)
    expect(pairs.filter(([, told]) => told === undefined).length, `${fact} is in the spans`).toBeGreaterThan(0)
}

const missing = (gaps: Expectation['notInTheSpans'], ...facts: Fact[]) =>
  facts.some((fact) => gaps !== undefined && fact in gaps)

describe.each(recordings())('recorded run %s', (recording) => {
  const truth: Truth = truthOf(recording)
  const library = recording.split('/')[0] ?? ''
  const expected: Expectation = expectations[recording] ?? {}
  const gaps = expected.notInTheSpans
  let given: readonly AurenEvent[] | undefined
  const events = () => (given ??= received(recording))

  it('gives each model call that was served once, with its facts', () => {
    const told = chats(events())
    if (missing(gaps, 'calls')) return expect(told).toHaveLength(expected.calls ?? 0)
    expect(told).toHaveLength(truth.llm_calls)
    const facts = truth.calls.map((served, index) => callFacts(served, told[index] as AurenEvent))
    for (const fact of Object.keys(facts[0] ?? {}).filter((name) => !missing(expected.misstated, name as Fact)))
      compare(
        fact,
        facts.map((call) => call[fact] as readonly [unknown, unknown]),
        gaps,
      )
    for (const { payload } of told) {
      expect(payload['latency_ms']).toBeGreaterThan(0)
      expect(payload['provider']).toBe(library in providers ? providers[library] : 'openai')
    }
  })

  it('adds up to the tokens that were served, and to their price', () => {
    const told = chats(events())
    const sum = (key: string) => told.reduce((total, { payload }) => total + Number(payload[key] ?? 0), 0)
    const isAnthropic = truth.calls[0]?.model.startsWith('claude') ?? false
    const cache = isAnthropic ? truth.cached_tokens + truth.cache_creation_tokens : 0
    const totals = {
      input_tokens: [truth.input_tokens + cache, sum('input_tokens')],
      output_tokens: [truth.output_tokens, sum('output_tokens')],
      cached_tokens: [truth.cached_tokens, sum('cached_input_tokens')],
      cache_write_tokens: [truth.cache_creation_tokens, sum('cache_write_tokens')],
      reasoning_tokens: [truth.reasoning_tokens, sum('reasoning_tokens')],
    } as const
    if (expected.calls === 0) return
    for (const [fact, [served, counted]] of Object.entries(totals))
      if (!missing(gaps, fact as Fact)) expect(counted, fact).toBe(served)
    if (missing(gaps, 'input_tokens', 'output_tokens', 'cached_tokens')) return
    // The first call writes the cache that the later ones read.
    const bill = truth.calls.reduce(
      (total, call, index) => total + (priceOf(call, index === 0 ? truth.cache_creation_tokens : 0) ?? Number.NaN),
      0,
    )
    expect(sum('cost')).toBeCloseTo(bill, 10)
  })

  it('gives refused calls as failures with the type of the error, and without a price', () => {
    const failed = refused(events())
    expect(failed).toHaveLength(missing(gaps, 'refused_calls') ? 0 : (expected.errorTypes ?? truth.llm_errors).length)
    expect(failed.map(({ payload }) => payload['error_type'])).toEqual(expected.errorTypes ?? [])
    for (const { payload } of failed) expect(payload).not.toHaveProperty('cost')
  })

  it('gives each embedding once', () => {
    const told = embeddings(events())
    expect(told).toHaveLength(missing(gaps, 'embeddings') ? 0 : truth.embedding_calls)
    const tokens = told.reduce((total, { payload }) => total + Number(payload['input_tokens'] ?? 0), 0)
    expect(tokens).toBe(missing(gaps, 'embeddings', 'embedding_tokens') ? 0 : truth.embedding_tokens)
  })

  it('says of streamed calls when their first token came', () => {
    const streamed = chats(events()).filter(({ payload }) => payload['streaming'] === true)
    if (missing(gaps, 'first_token') || streamed.length === 0)
      return expect(streamed.filter(({ payload }) => 'time_to_first_token_ms' in payload)).toEqual([])
    for (const { payload } of streamed) {
      expect(payload['time_to_first_token_ms']).toBeGreaterThan(0)
      expect(payload['time_to_first_token_ms']).toBeLessThanOrEqual(Number(payload['latency_ms']))
    }
  })

  it('gives each tool once, with its agent and outcome', () => {
    const told = of(events(), 'tool_usage').map(({ payload, source_agent: agent }) => ({
      name: payload['tool_name'] ?? null,
      agent: agent?.id ?? null,
      ok: payload['success'],
    }))
    const served = missing(gaps, 'tools')
      ? []
      : truth.tools.map(({ name, agent, ok }) => ({
          name: expected.unnamedTools?.includes(name) === true ? null : name,
          agent: missing(gaps, 'agents') ? null : agent,
          ok,
        }))
    const byName = (a: { name: unknown; ok: unknown }, b: { name: unknown; ok: unknown }) =>
      `${String(a.name)} ${String(a.ok)}`.localeCompare(`${String(b.name)} ${String(b.ok)}`)
    expect(told.toSorted(byName)).toEqual(served.toSorted(byName))
    for (const { payload } of of(events(), 'tool_usage')) {
      expect(payload['execution_time_ms']).toBeGreaterThanOrEqual(0)
      expect('error_type' in payload).toBe(payload['success'] === false)
    }
  })

  it('names the agents, how each ended, and what they used', () => {
    const all = events()
    const done = of(all, 'agent_execution_completed')
    const known = missing(gaps, 'agents') ? [] : truth.agents
    const ended = new Map(done.map(({ source_agent: agent, payload }) => [agent?.id, payload['execution_result']]))
    const agents = [...known, ...(expected.alsoAgents ?? [])]
    expect([...ended].toSorted()).toEqual(
      agents.map((id) => [id, expected.failed?.includes(id) ? 'error' : 'success']).toSorted(),
    )
    for (const { source_agent: agent } of done) expect(agent?.role).toBeTruthy()
    const cost = done.reduce((total, { payload }) => total + Number(payload['own_cost']), 0)
    const owned = of(all, 'llm_call').filter(({ source_agent: agent }) => agent !== null)
    expect(cost).toBeCloseTo(
      owned.reduce((total, { payload }) => total + Number(payload['cost'] ?? 0), 0),
      10,
    )
  })

  it('says which agent passed work to which', () => {
    const told = of(events(), 'agent_collaboration').map(
      ({ source_agent: from, target_agent: to, payload }) =>
        `${from?.id} → ${to?.id} (${String(payload['collaboration_type'])})`,
    )
    expect(told).toEqual(expected.handoffs ?? [])
    const pairs = told.map((handoff) => handoff.replace(/ \(.*$/, ''))
    const served = truth.handoffs.map(({ from, to }) => `${from} → ${to}`)
    if (!missing(gaps, 'handoffs')) expect(pairs).toEqual(served)
  })

  it('says of each search whether it found something', () => {
    const searches = truth.memory.filter(({ op }) => op === 'search')
    const found = of(events(), 'knowledge_access').map(({ payload }) => Number(payload['items_retrieved']) > 0)
    expect(found).toEqual(missing(gaps, 'searches') ? [] : searches.map(({ hit }) => hit))
  })

  it('says whose session and user it was', () => {
    for (const { trace_id: trace, session_id: session, user_id: user } of events()) {
      expect(session).toBe(expected.session ?? trace)
      expect(user).toBe(expected.user ?? null)
    }
  })

  it('gives nothing else', () => {
    const rest = events().filter(
      ({ event_type: type }) =>
        !['llm_call', 'tool_usage', 'agent_execution_completed', 'agent_collaboration'].includes(type),
    )
    const counts = Object.fromEntries(
      [...Map.groupBy(rest, ({ event_type: type }) => type)].map(([type, list]) => [type, list.length]),
    )
    expect(counts).toEqual(expected.others ?? {})
  })
})

function priceOf(call: ServedCall, written: number): number | undefined {
  const isApart = call.model.startsWith('claude')
  return priceByTable({
    model: call.response_model,
    atMs: Date.parse('2026-11-21'),
    inputTokens: call.input_tokens + (isApart ? call.cached_tokens + written : 0),
    outputTokens: call.output_tokens,
    cachedInputTokens: call.cached_tokens,
    cacheWriteTokens: written,
  })
}
