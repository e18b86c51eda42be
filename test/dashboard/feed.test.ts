import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filterFrom, matcher } from '../../src/dashboard/feed/filter.ts'
import { narrow } from '../../src/dashboard/feed/narrowed.ts'
import { emptyLog, foldLog, rowsKept, toRow } from '../../src/dashboard/state/event-log.ts'
import type { EventLog } from '../../src/dashboard/state/event-log.ts'
import type { Input } from '../../src/dashboard/state/input.ts'
import type { AurenEvent } from '../../src/events/event.ts'
import { anEvent } from '../support/events.ts'

const came = (fields: Partial<AurenEvent> = {}): Input => ({
  type: 'message',
  at: 0,
  message: { type: 'stream_event', id: 'cursor', event: anEvent(fields) },
})
const gap: Input = { type: 'message', at: 0, message: { type: 'gap', reason: 'trimmed', missed: 3 } }

describe('the log of events', () => {
  it('keeps at least the newest 20,000 rows, in order, and counts what came', () => {
    const inputs = Array.from({ length: 1_500 }, () => came())
    let log: EventLog = emptyLog
    for (let frame = 0; frame < 20; frame += 1) log = foldLog(log, inputs)
    expect(log.rows.length).toBeGreaterThanOrEqual(rowsKept)
    expect(log.rows.length).toBeLessThanOrEqual(rowsKept + 2_000)
    expect(log.rows.at(-1)?.seq).toBe(29_999)
    expect(log.received).toBe(30_000)
    expect(log.rows.every(({ seq }, index) => seq === (log.rows[0]?.seq ?? 0) + index)).toBe(true)
  })

  it('has an event once that history told and that comes again', () => {
    const [first, second, third] = [anEvent({}), anEvent({}), anEvent({})]
    const live = [second, third].map((event) => came(event))
    const log = foldLog(foldLog(emptyLog, [{ type: 'history', events: [first, second], before: undefined }]), live)
    expect(log.rows.map((row) => row.kind === 'event' && row.event.event_id)).toEqual(
      [first, second, third].map(({ event_id }) => event_id),
    )
    expect(log.received).toBe(2)
  })

  it('has a row where events are missing', () => {
    expect(foldLog(emptyLog, [came(), gap, came()]).rows.map(({ kind }) => kind)).toEqual(['event', 'gap', 'event'])
  })
})

describe('the filters of the feed', () => {
  const row = (fields: Partial<AurenEvent>) => toRow(0, anEvent(fields))
  const shows = (query: string, fields: Partial<AurenEvent>) =>
    matcher(filterFrom(new URLSearchParams(query)))(row(fields))

  it.each<[string, Partial<AurenEvent>, Partial<AurenEvent>]>([
    ['agent=coach', { source_agent: { id: 'coach', role: 'Coach' } }, { source_agent: { id: 'lead', role: 'Lead' } }],
    ['agent=coach', { target_agent: { id: 'coach', role: 'Coach' } }, { target_agent: null }],
    ['type=llm_call', { event_type: 'llm_call' }, { event_type: 'llm_call_started' }],
    ['session=s1', { session_id: 's1' }, { session_id: 's10' }],
    ['user=ann', { user_id: 'ann' }, { user_id: null }],
    ['text=GPT ASKED', { payload: { model: 'gpt-5' } }, { payload: { model: 'claude' } }],
    ['slower=500', { payload: { latency_ms: 501 } }, { payload: { latency_ms: 500 } }],
    ['slower=0', { payload: { latency_ms: 1 } }, { payload: {} }],
    ['costlier=0.01', { payload: { cost: 0.02 } }, { payload: { cost: 0.01 } }],
    ['failed=1', { payload: { success: false } }, { payload: { success: true } }],
    [
      'agent=coach&failed=1',
      { source_agent: { id: 'coach', role: '' }, payload: { success: false } },
      { payload: { success: false } },
    ],
  ])('%s lets one through and not the other', (query, shown, hidden) => {
    expect(shows(query, shown)).toBe(true)
    expect(shows(query, hidden)).toBe(false)
  })

  it('are nothing where the address says nothing that can be understood', () => {
    expect(filterFrom(new URLSearchParams('slower=soon&costlier=-1&text=%20&other=x'))).toEqual({})
  })

  it('never hide a hole', () => {
    const log = foldLog(emptyLog, [came(), gap])
    const { rows } = narrow(undefined, log, filterFrom(new URLSearchParams('text=nothing-like-it')))
    expect(rows.map(({ kind }) => kind)).toEqual(['gap'])
  })

  it('give the same rows frame by frame as at once, with nothing looked at twice', () => {
    const filter = filterFrom(new URLSearchParams('failed=1'))
    const frames = fc.array(fc.array(fc.boolean(), { maxLength: 20 }), { maxLength: 12 })
    fc.assert(
      fc.property(frames, (failures) => {
        let [log, step] = [emptyLog, narrow(undefined, emptyLog, filter)]
        for (const frame of failures) {
          log = foldLog(
            log,
            frame.map((failed) => came({ payload: { success: !failed } })),
          )
          // The oldest rows go while the feed runs.
          log = { ...log, rows: log.rows.slice(-25) }
          step = narrow(step, log, filter)
        }
        expect(step.rows).toEqual(narrow(undefined, log, filter).rows)
        expect(step.matched).toBe(failures.flat().filter(Boolean).length)
      }),
    )
  })
})
