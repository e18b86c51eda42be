import type { SpanRecord } from '../../src/translate/span-record.ts'

let counter = 0

/** A span record of its own; give what the test is about. */
export function aSpan(attributes: SpanRecord['attributes'] = {}, more: Partial<SpanRecord> = {}): SpanRecord {
  counter += 1
  return {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: counter.toString(16).padStart(16, '0'),
    parentSpanId: null,
    name: 'span',
    kind: 'internal',
    startMs: 1_795_000_000_000,
    endMs: 1_795_000_000_250,
    attributes,
    events: [],
    status: 'unset',
    statusMessage: undefined,
    scope: 'test',
    scopeVersion: '',
    resource: { 'service.name': 'test-service' },
    droppedAttributes: 0,
    ...more,
  }
}
