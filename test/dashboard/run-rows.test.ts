import { describe, expect, it } from 'vitest'
import { foldRuns, noRuns, withSummaries } from '../../src/client/live-runs.ts'
import { isShown, runRow, runRows } from '../../src/dashboard/runs/run-rows.ts'
import { loopWords, waitsInWords } from '../../src/dashboard/runs/run-words.ts'
import type { Run } from '../../src/protocol/runs.ts'
import { bookAt } from '../support/run-book.ts'
import { stepEvents, traceId } from '../support/run-events.ts'

const story = [
  ...stepEvents({ id: 1, kind: 'agent', agent: 'lead', from: 0 }),
  ...stepEvents({ id: 2, kind: 'model', parent: 1, agent: 'lead', from: 1, to: 3, name: 'big', tokens: 9, cost: 0.5 }),
  ...stepEvents({ id: 3, kind: 'tool', parent: 1, agent: 'lead', from: 4, to: 5, name: 'search', failed: true }),
]
const messages = story.map((event) => ({ type: 'stream_event', id: event.event_id, event }) as const)

function aRun(id: string, fields: Partial<Run>): Run {
  const { tree: _, ...run } = bookAt(6, story).run()
  return { ...run, trace_id: id.padEnd(32, '0'), ...fields }
}

const ended = (second: number) => ({ ended_at: `2026-11-21T05:00:${second}.000+00:00`, status: 'completed' }) as const
const started = (second: number) => ({ started_at: `2026-11-21T05:00:${second}.000+00:00` })

describe('the list of runs', () => {
  it('has those that are not over first, the newest first', () => {
    const runs = withSummaries(noRuns, [
      aRun('a', { ...started(40), ...ended(50) }),
      aRun('b', { ...started(10), status: 'stale' }),
      aRun('c', { ...started(45), ...ended(46) }),
      aRun('d', { ...started(20), status: 'running' }),
      aRun('e', { ...started(50), status: 'crashed' }),
    ])
    expect(runRows(runs).map(({ traceId: id }) => id[0])).toEqual(['d', 'b', 'e', 'c', 'a'])
  })

  it('has a run from its first event on, before the gateway says how it is', () => {
    const [row] = runRows(foldRuns(noRuns, messages))
    expect(row).toMatchObject({
      traceId,
      name: 'lead',
      status: undefined,
      isOpen: true,
      steps: 3,
      failedSteps: 1,
      tokens: 9,
      cost: 0.5,
      endedAt: null,
      lastEventAt: '2026-11-21T05:00:05.000+00:00',
      agents: [{ id: 'lead', role: 'lead' }],
    })
  })

  it('keeps the row of a run that did not change', () => {
    const before = foldRuns(noRuns, messages)
    const after = withSummaries(before, [aRun('a', {})])
    const [one, other] = [before.get(traceId), after.get(traceId)]
    expect(one && runRow(one)).toBe(other && runRow(other))
  })

  it('counts what has a failed step, and what has crashed, among those with failures', () => {
    const rows = runRows(
      withSummaries(noRuns, [
        aRun('a', { failed_steps: 0, status: 'running' }),
        aRun('b', { failed_steps: 2, ...ended(50) }),
        aRun('c', { failed_steps: 0, status: 'crashed' }),
      ]),
    )
    const shown = (show: 'open' | 'failed') => rows.filter((row) => isShown(row, show)).map(({ traceId: id }) => id[0])
    expect(shown('failed').sort()).toEqual(['b', 'c'])
    expect(shown('open')).toEqual(['a'])
  })

  it('says in words who waits for whom, and what repeats', () => {
    const wait = (name: string) => ({ agent: 'lead', for: { kind: 'tool', name, span_id: '1' }, since: '' }) as const
    const agents = [{ id: 'lead', role: 'The lead' }]
    expect(waitsInWords({ agents, waits: [wait('search')] })).toBe('The lead waits for search')
    expect(waitsInWords({ agents, waits: [wait('search'), wait('plan')] })).toBe('The lead waits for search (+1)')
    expect(waitsInWords({ agents, waits: [] })).toBe('')
    const loop = { agent: 'lead', step: 'tool search', times: 6, since: '' }
    expect(loopWords({ ...loop, same_arguments: true })).toBe('tool search, 6 times with the same arguments')
    expect(loopWords({ ...loop, same_arguments: false })).toBe('tool search, 6 times')
  })
})
