import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { eventTypes } from '../../src/events/event-types.ts'
import { fromFieldList, toFieldList } from '../../src/events/field-list.ts'
import { predecessorEntries } from './predecessor-entries.ts'

const json = fc.dictionary(fc.string(), fc.jsonValue())
const nullableId = fc.option(fc.string({ minLength: 1 }), { nil: null })
const agent = fc.option(fc.record({ id: fc.string({ minLength: 1 }), role: fc.string({ minLength: 1 }) }), {
  nil: null,
})
const metrics = fc.record(
  {
    latency_ms: fc.integer(),
    token_cost: fc.integer(),
    memory_usage_mb: fc.integer(),
    cpu_percentage: fc.integer(),
    success: fc.boolean(),
    error_type: fc.option(fc.string(), { nil: null }),
    confidence_score: fc.integer(),
  },
  { requiredKeys: ['latency_ms', 'token_cost', 'memory_usage_mb', 'cpu_percentage', 'success'] },
)
/** The predecessor's fields, and ours behind them. `performance_metrics` is there only when there are some. */
const storedOrder: (keyof AurenEvent)[] = [
  'event_id',
  'trace_id',
  'session_id',
  'timestamp',
  'event_type',
  'source_agent',
  'target_agent',
  'payload',
  'metadata',
  'user_id',
  'span_id',
  'parent_span_id',
  'tenant_id',
]
const anyEvent = fc.record(
  {
    event_id: fc.uuid(),
    trace_id: nullableId,
    session_id: nullableId,
    timestamp: fc.constant('2026-11-21T04:30:00.123+00:00'),
    event_type: fc.constantFrom(...eventTypes),
    source_agent: agent,
    target_agent: agent,
    payload: json,
    metadata: json,
    user_id: nullableId,
    performance_metrics: metrics,
    span_id: nullableId,
    parent_span_id: nullableId,
    tenant_id: nullableId,
  },
  { requiredKeys: storedOrder },
)

const asStored = (event: unknown) => JSON.parse(JSON.stringify(event)) as AurenEvent

describe('field list', () => {
  it('gives back the event that went in', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const decoded = fromFieldList(toFieldList(asStored(event)))
        expect(decoded).toEqual({ ok: true, event: asStored(event) })
        if (decoded.ok) expect(Object.keys(decoded.event)).toEqual(Object.keys(asStored(event)))
      }),
    )
  })

  it('never throws on any fields', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(fc.string(), fc.constantFrom('event_id', 'payload', 'timestamp', 'event_type', '[]', '{', 'null')),
        ),
        (fields) => {
          expect(fromFieldList(fields)).toHaveProperty('ok')
        },
      ),
    )
  })

  it.each(predecessorEntries)('reads what the predecessor wrote: $name', ({ fields, event }) => {
    expect(fromFieldList(fields)).toEqual({ ok: true, event: expect.objectContaining(event) as unknown })
  })

  it('keeps the predecessor field order, with ours behind it', () => {
    const names = toFieldList({
      event_id: 'e',
      trace_id: null,
      session_id: null,
      timestamp: 't',
      event_type: 'llm_call',
      source_agent: null,
      target_agent: null,
      payload: {},
      metadata: {},
      user_id: null,
      span_id: null,
      parent_span_id: null,
      tenant_id: null,
    }).filter((_, index) => index % 2 === 0)
    expect(names).toEqual(storedOrder)
  })

  it('says why an entry is malformed without repeating its content', () => {
    const entry = ['event_id', 'e1', 'timestamp', 't', 'event_type', 'llm_call', 'payload', '{"secret":']
    expect(fromFieldList(entry)).toEqual({ ok: false, reason: 'payload is not JSON' })
    expect(fromFieldList(['timestamp', 't'])).toMatchObject({ ok: false })
  })
})
