import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventTypes } from '../../src/events/event-types.ts'
import type { AurenEvent } from '../../src/events/event.ts'
import { fromEventJson } from '../../src/events/stored-event.ts'
import type { Principal } from '../../src/gateway/principal.ts'
import { RunBook } from '../../src/gateway/runs/run-book.ts'
import { ScrapeTargets } from '../../src/gateway/scrape-targets.ts'
import { SummaryWindow } from '../../src/gateway/summary/summary-window.ts'
import { anEvent } from '../support/events.ts'
import { everything } from '../support/run-book.ts'
import { zero } from '../support/run-events.ts'
import { assertServerFrame } from '../support/server-frames.ts'

/** What a producer may write where a number, a name or a time belongs. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(
    1e300,
    -1e300,
    8.64e15,
    -1,
    0,
    0.5,
    10_000,
    null,
    true,
    '',
    '7',
    'x',
    'NaN',
    [],
    {},
    { id: 'x' },
    // What no text can be made of.
    { toString: 0 },
  ),
  fc.constantFrom('2026-11-21T05:00:00Z', '+275760-09-13T00:00:00Z', '-271821-04-20T00:00:00Z', '__proto__'),
  fc.jsonValue({ maxDepth: 1 }),
)
const time = fc.constantFrom('2026-11-21T05:00:00Z', '+275760-09-13T00:00:00Z', '-271821-04-20T00:00:00Z', 'never')
const anyOf = (...names: string[]) =>
  fc.record(Object.fromEntries(names.map((name) => [name, anything])), { requiredKeys: [] })
const spanId = fc.constantFrom('1', '2', '3', null)

const event = fc.record({
  event_type: fc.constantFrom(...eventTypes),
  timestamp: time,
  trace_id: fc.constantFrom('a', 'b', null),
  span_id: spanId,
  parent_span_id: spanId,
  source_agent: fc.oneof(fc.constant(null), anyOf('id', 'role')),
  target_agent: fc.oneof(fc.constant(null), anyOf('id', 'role')),
  performance_metrics: anyOf('latency_ms', 'success', 'confidence_score'),
  metadata: anyOf('start_time', 'parent_event_id', 'span_name', 'run_started', 'service'),
  payload: fc.oneof(
    anyOf(
      'model',
      'tool_name',
      'arguments',
      'success',
      'error_type',
      'tokens_used',
      'input_tokens',
      'output_tokens',
      'cost',
    ),
    anyOf('producer', 'interval_ms', 'open_steps', 'machine', 'metrics_address'),
    anyOf('tier_accessed', 'cache_hit', 'collaborating_agents', 'alert', 'producer', 'execution_result'),
  ),
})

/** As it comes from a stream; undefined where it is none. */
function stored(fields: object): AurenEvent[] {
  const decoded = fromEventJson(JSON.stringify({ ...anEvent(), ...fields }))
  return decoded.ok ? [decoded.event] : []
}

describe('events of strange producers', () => {
  it('never end a gateway, nor make it say what is not as described', () => {
    const ofX: Principal = { ...everything, agents: new Set(['x']) }
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 12 }), (all) => {
        const now = () => zero + 1_000
        const [book, summary, targets] = [new RunBook({ now }), new SummaryWindow(now), new ScrapeTargets(now)]
        for (const one of all.flatMap(stored)) {
          book.add(one, now())
          summary.add(one)
          targets.add(one, now())
        }
        expect(targets.list()).toBeInstanceOf(Array)
        const runsFor = book.takeChanges()
        book.expiredLeases()
        for (const reader of [everything, ofX]) {
          const timestamp = '2026-11-21T05:00:00.000+00:00'
          const system = { active_connections: 0, events_sent: 0, uptime_seconds: 0 }
          const said = [
            { type: 'run_update', timestamp, runs: runsFor(reader) },
            book.snapshot(reader),
            summary.summarise(reader, system, book.silentAgents(reader)),
          ]
          for (const message of said) assertServerFrame(JSON.stringify(message))
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
