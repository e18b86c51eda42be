import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { HrTime } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { SpanRecord } from '../translate/span-record.ts'

const kinds: Readonly<Record<SpanKind, SpanRecord['kind']>> = {
  [SpanKind.INTERNAL]: 'internal',
  [SpanKind.SERVER]: 'server',
  [SpanKind.CLIENT]: 'client',
  [SpanKind.PRODUCER]: 'producer',
  [SpanKind.CONSUMER]: 'consumer',
}

const statuses: Readonly<Record<SpanStatusCode, SpanRecord['status']>> = {
  [SpanStatusCode.UNSET]: 'unset',
  [SpanStatusCode.OK]: 'ok',
  [SpanStatusCode.ERROR]: 'error',
}

/**
 * A span of the SDK (2.x or 3.x) as the record the dialects read. Nothing is copied: it is read at once and not kept.
 * `phase` says which state is meant, since a span may have ended before its start is translated.
 */
export function toSpanRecord(span: ReadableSpan, phase: 'start' | 'end'): SpanRecord {
  const { traceId, spanId } = span.spanContext()
  return {
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId ?? null,
    name: span.name,
    kind: kinds[span.kind],
    startMs: milliseconds(span.startTime),
    endMs: phase === 'start' ? null : milliseconds(span.endTime),
    attributes: span.attributes,
    events: span.events.map((event) => ({
      name: event.name,
      timeMs: milliseconds(event.time),
      attributes: event.attributes ?? {},
    })),
    status: statuses[span.status.code],
    statusMessage: span.status.message,
    scope: span.instrumentationScope.name,
    scopeVersion: span.instrumentationScope.version ?? '',
    resource: span.resource.attributes,
    droppedAttributes: span.droppedAttributesCount,
  }
}

function milliseconds([seconds, nanos]: HrTime): number {
  return seconds * 1000 + nanos / 1e6
}
