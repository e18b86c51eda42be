import { readFileSync } from 'node:fs'
import type { SpanRecord } from '../../src/translate/span-record.ts'

interface OtlpValue {
  readonly stringValue?: string
  readonly intValue?: number | string
  readonly doubleValue?: number
  readonly boolValue?: boolean
  readonly arrayValue?: { readonly values?: readonly OtlpValue[] }
}

interface OtlpAttribute {
  readonly key: string
  readonly value: OtlpValue
}

interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly OtlpAttribute[]
  readonly events?: readonly {
    readonly name: string
    readonly timeUnixNano: string
    readonly attributes: readonly OtlpAttribute[]
  }[]
  readonly status?: { readonly code?: number; readonly message?: string }
}

interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] }
    readonly scopeSpans: readonly { readonly scope: { readonly name: string }; readonly spans: readonly OtlpSpan[] }[]
  }[]
}

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const
const statuses = ['unset', 'ok', 'error'] as const

/** Spans that a real library exported, from the recording of one run in test/fixtures/otlp. */
export function recordedSpans(name: string): SpanRecord[] {
  const file = new URL(`../fixtures/otlp/${name}.json`, import.meta.url)
  const request = JSON.parse(readFileSync(file, 'utf8')) as OtlpRequest
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => toRecord(span, scope.name, plain(resource.attributes))),
    ),
  )
}

function toRecord(span: OtlpSpan, scope: string, resource: Record<string, unknown>): SpanRecord {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId ?? null,
    name: span.name,
    kind: kinds[span.kind] ?? 'internal',
    startMs: Number(span.startTimeUnixNano) / 1e6,
    endMs: Number(span.endTimeUnixNano) / 1e6,
    attributes: plain(span.attributes),
    events: (span.events ?? []).map((event) => ({
      name: event.name,
      timeMs: Number(event.timeUnixNano) / 1e6,
      attributes: plain(event.attributes),
    })),
    status: statuses[span.status?.code ?? 0] ?? 'unset',
    statusMessage: span.status?.message,
    scope,
    resource,
    droppedAttributes: 0,
  }
}

function plain(attributes: readonly OtlpAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]))
}

function plainValue({ stringValue, intValue, doubleValue, boolValue, arrayValue }: OtlpValue): unknown {
  if (arrayValue) return (arrayValue.values ?? []).map(plainValue)
  return stringValue ?? (intValue === undefined ? undefined : Number(intValue)) ?? doubleValue ?? boolValue
}
