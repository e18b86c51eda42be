import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldRuns, noRuns, withSummaries, withTree } from '../../src/client/live-runs.ts'
import type { LiveRuns } from '../../src/client/live-runs.ts'
import type { AurenEvent } from '../../src/events/event.ts'
import { Run as RunBookRun } from '../../src/gateway/runs/run.ts'
import { RunView } from '../../src/gateway/runs/run-view.ts'
import { anEvent } from '../support/events.ts'

const trace = 'f'.repeat(32)

function step(type: AurenEvent['event_type'], span: string, fields: Partial<AurenEvent> = {}): AurenEvent {
  const at = `2026-11-21T04:30:${type.endsWith('_started') ? '00' : '05'}.000+00:00`
  const own = { event_id: `${span}-${type}`, trace_id: trace, span_id: span, event_type: type, timestamp: at }
  const times = { metadata: { start_time: '2026-11-21T04:30:00.000+00:00' } }
  return anEvent({ ...own, ...times, payload: {}, ...fields })
}

/** A lead that calls a model and a coach, who uses a tool. */
const story: readonly AurenEvent[] = [
  step('agent_execution_started', 'a1', { source_agent: { id: 'lead', role: 'Lead' } }),
  step('llm_call_started', 'm1', { parent_span_id: 'a1', payload: { model: 'gpt-5-mini' } }),
  step('llm_call', 'm1', {
    parent_span_id: 'a1',
    payload: { model: 'gpt-5-mini', input_tokens: 10, output_tokens: 5, cost: 0.01 },
  }),
  step('agent_execution_started', 'a2', { parent_span_id: 'a1', source_agent: { id: 'coach', role: 'Coach' } }),
  step('tool_usage_started', 't1', {
    parent_span_id: 'a2',
    source_agent: { id: 'coach', role: 'Coach' },
    payload: { tool_name: 'plan' },
  }),
]

const messages = (events: readonly AurenEvent[]) =>
  events.map((event) => ({ type: 'stream_event', id: event.event_id, event }) as const)

/** What the gateway says of the run. */
function told(events: readonly AurenEvent[]) {
  const run = new RunBookRun(trace, null)
  for (const event of events) run.absorb(event, Date.parse(event.timestamp))
  return new RunView(run, new Set([...run.owners.keys()]), Date.parse('2026-11-21T04:30:06Z')).tree()
}

const stepsOf = (runs: LiveRuns) =>
  [...(runs.get(trace)?.steps.values() ?? [])].sort((a, b) => a.span_id.localeCompare(b.span_id))

describe('runs in a client', () => {
  it('have the same steps from events as the gateway says, however the events are cut into frames', () => {
    const expected = told(story).tree.toSorted((a, b) => a.span_id.localeCompare(b.span_id))
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: story.length }), { maxLength: 4 }), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), story.length]
        const frames = edges.slice(1).map((end, index) => story.slice(edges[index], end))
        expect(stepsOf(frames.reduce((runs, frame) => foldRuns(runs, messages(frame)), noRuns))).toEqual(expected)
      }),
    )
  })

  it('are not opened again by what is replayed after a snapshot has told of its end', () => {
    const { tree, ...summary } = told(story)
    const runs = foldRuns(withTree(noRuns, { ...summary, tree }), messages(story))
    expect(stepsOf(runs).find(({ span_id: id }) => id === 'm1')).toMatchObject({
      status: 'ok',
      cost: 0.01,
    })
    expect(foldRuns(runs, messages(story.slice(0, 2))).get(trace)?.steps).toEqual(runs.get(trace)?.steps)
  })

  it('leave no step open when the gateway says that the run is over, whose end was never received', () => {
    const runs = foldRuns(noRuns, messages(story))
    const over = { ...told(story), status: 'completed' as const, ended_at: '2026-11-21T04:31:00.000+00:00' }
    const { tree: _, ...summary } = over
    const closed = stepsOf(foldRuns(runs, [{ type: 'run_update', timestamp: over.ended_at, runs: [summary] }]))
    expect(closed.filter(({ status }) => status === 'open')).toEqual([])
    expect(closed.find(({ span_id: id }) => id === 't1')).toMatchObject({ status: 'lost', ended_at: over.ended_at })
  })

  it('take no figures that are older than those they have', () => {
    const { tree: _, ...older } = told(story)
    const newer = { ...older, last_event_at: '2026-11-21T04:32:00.000+00:00', tokens: 99 }
    const runs = withSummaries(withSummaries(noRuns, [newer]), [older])
    expect(runs.get(trace)?.summary?.tokens).toBe(99)
  })

  it('know the step above also where a span without events lies between', () => {
    const child = step('tool_usage', 't2', {
      parent_span_id: 'unseen',
      metadata: { parent_event_id: 'a1-agent_execution_started' },
    })
    expect(stepsOf(foldRuns(noRuns, messages([...story, child]))).find(({ span_id: id }) => id === 't2')?.parent).toBe(
      'a1',
    )
  })

  it('show a delegation and the work of its agent, told of one span, as the work of the agent: in any order', () => {
    const end = step('agent_execution_completed', 'a2', {
      parent_span_id: 'a1',
      source_agent: { id: 'coach', role: 'Coach' },
      metadata: { start_time: '2026-11-21T04:30:00.000+00:00' },
    })
    const handover = step('agent_collaboration', 'a2', {
      parent_span_id: 'a1',
      source_agent: { id: 'lead', role: 'Lead' },
      target_agent: { id: 'coach', role: 'The coach' },
    })
    for (const ends of [
      [end, handover],
      [handover, end],
    ]) {
      const events = [...story, ...ends]
      const expected = told(events).tree.find(({ span_id: id }) => id === 'a2')
      expect(expected).toMatchObject({ kind: 'agent', name: 'Coach', agent: 'coach', status: 'ok' })
      expect(stepsOf(foldRuns(noRuns, messages(events))).find(({ span_id: id }) => id === 'a2')).toEqual(expected)
    }
  })

  it('stay the same objects where nothing was told of them, and are at most 300', () => {
    const other = anEvent({ trace_id: 'e'.repeat(32) })
    const before = foldRuns(noRuns, messages([...story, other]))
    const after = foldRuns(before, messages([step('tool_usage', 't1', { parent_span_id: 'a2' })]))
    expect(after.get('e'.repeat(32))).toBe(before.get('e'.repeat(32)))
    expect(foldRuns(after, [])).toBe(after)
    const many = Array.from({ length: 400 }, (_, index) => anEvent({ trace_id: index.toString(16).padStart(32, '0') }))
    const kept = foldRuns(after, messages(many))
    expect(kept.size).toBe(300)
    expect(kept.has(trace)).toBe(false)
  })
})
