import type { SpanEventRecord, SpanRecord } from '../../translate/span-record.ts'

/** Limits of one request (gateway.md S-30); what is beyond them is rejected or left out, and said. */
const maxSpans = 10_000
const maxAttributes = 1_024
const maxEvents = 128
const maxValueLength = 32_768
const maxKeyLength = 256
const maxDepth = 16

export interface ReadRequest {
  readonly spans: readonly SpanRecord[]
  /** Spans that were not taken: beyond the limit, or without usable ids and times. */
  readonly rejected: number
}

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const
const statuses = ['unset', 'ok', 'error'] as const

type Fields = Readonly<Record<string, unknown>>

/**
 * A decoded request, protobuf or JSON, → spans. Both encodings come here: ids as bytes or hex, 64-bit numbers as numbers
 * or text. One odd span is rejected alone.
 */
export function readSpans(request: unknown): ReadRequest {
  const spans: SpanRecord[] = []
  let seen = 0
  for (const resourceSpans of list(field(request, 'resourceSpans'))) {
    const resource = attributes(field(field(resourceSpans, 'resource'), 'attributes'))
    for (const scopeSpans of list(field(resourceSpans, 'scopeSpans'))) {
      const scope = field(scopeSpans, 'scope')
      for (const span of list(field(scopeSpans, 'spans'))) {
        seen += 1
        const record = spans.length < maxSpans ? readSpan(span, scope, resource) : undefined
        if (record !== undefined) spans.push(record)
      }
    }
  }
  return { spans, rejected: seen - spans.length }
}

function readSpan(span: unknown, scope: unknown, resource: Fields): SpanRecord | undefined {
  const traceId = id(field(span, 'traceId'), 32)
  const spanId = id(field(span, 'spanId'), 16)
  const startMs = milliseconds(field(span, 'startTimeUnixNano'))
  if (traceId === undefined || spanId === undefined || !startMs) return undefined
  const status = field(span, 'status')
  return {
    traceId,
    spanId,
    parentSpanId: id(field(span, 'parentSpanId'), 16) ?? null,
    name: text(field(span, 'name')) ?? '',
    kind: kinds[Number(field(span, 'kind') ?? 0)] ?? 'internal',
    startMs,
    // 0 or absent: the span has only started.
    endMs: milliseconds(field(span, 'endTimeUnixNano')) || null,
    attributes: attributes(field(span, 'attributes')),
    events: list(field(span, 'events')).slice(0, maxEvents).map(readEvent),
    status: statuses[Number(field(status, 'code') ?? 0)] ?? 'unset',
    statusMessage: text(field(status, 'message')),
    scope: text(field(scope, 'name')) ?? '',
    scopeVersion: text(field(scope, 'version')) ?? '',
    resource,
    droppedAttributes: Number(field(span, 'droppedAttributesCount') ?? 0) || 0,
  }
}

function readEvent(event: unknown): SpanEventRecord {
  return {
    name: text(field(event, 'name')) ?? '',
    timeMs: milliseconds(field(event, 'timeUnixNano')) ?? 0,
    attributes: attributes(field(event, 'attributes')),
  }
}

/** Built from entries, so that a key such as `__proto__` is only a key. */
function attributes(value: unknown): Fields {
  const entries = list(value)
    .slice(0, maxAttributes)
    .map((attribute) => [text(field(attribute, 'key')) ?? '', plain(field(attribute, 'value'), 0)] as const)
  return Object.fromEntries(entries.filter(([key]) => key !== '' && key.length <= maxKeyLength))
}

/** AnyValue → the value it holds. */
function plain(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > maxDepth) return undefined
  const string = field(value, 'stringValue')
  if (typeof string === 'string') return string.slice(0, maxValueLength)
  const boolean = field(value, 'boolValue')
  if (typeof boolean === 'boolean') return boolean
  const integer = field(value, 'intValue')
  if (integer !== undefined && integer !== null) return number(integer)
  const double = field(value, 'doubleValue')
  if (double !== undefined && double !== null) return number(double)
  const array = field(value, 'arrayValue')
  if (array) return list(field(array, 'values')).map((item) => plain(item, depth + 1))
  const map = field(value, 'kvlistValue')
  if (!map) return undefined
  const entries = list(field(map, 'values')).map((entry) => [
    text(field(entry, 'key')) ?? '',
    plain(field(entry, 'value'), depth + 1),
  ])
  return Object.fromEntries(entries) as Fields
}

/** Own fields only: a request may name what every object inherits. */
function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Fields)[name] : undefined
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Hex in JSON, bytes in protobuf; all zeros is no id (W3C trace context). */
function id(value: unknown, digits: number): string | undefined {
  const hex = value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
  if (typeof hex !== 'string' || hex.length !== digits || !/^[0-9a-f]+$/i.test(hex) || /^0+$/.test(hex))
    return undefined
  return hex.toLowerCase()
}

/** Nanoseconds since the epoch → milliseconds; a double keeps them to a quarter of a microsecond. */
function milliseconds(value: unknown): number | undefined {
  const nanos = number(value)
  return nanos === undefined || nanos < 0 ? undefined : nanos / 1e6
}

/** JSON may write 64-bit numbers as text. */
function number(value: unknown): number | undefined {
  const parsed = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof parsed === 'number' && Number.isFinite(parsed) ? parsed : undefined
}
