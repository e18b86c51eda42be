import type { SpanRecord } from '../translate/span-record.ts'

/**
 * The spans in the order given, but a parent after all of its children: what it sums up must be known by then. Times would
 * not do, since the SDK measures each span by a clock of its own and a child may seem to end after its parent.
 */
export function childrenFirst(spans: readonly SpanRecord[]): SpanRecord[] {
  const waiting = new Map(spans.map((span) => [span.traceId + span.spanId, { span, children: 0, isHere: false }]))
  const parentOf = ({ traceId, parentSpanId }: SpanRecord) =>
    parentSpanId === null ? undefined : waiting.get(traceId + parentSpanId)
  for (const { span } of waiting.values()) {
    const parent = parentOf(span)
    if (parent) parent.children += 1
  }
  const ordered: SpanRecord[] = []
  for (const place of waiting.values()) {
    place.isHere = true
    let next: typeof place | undefined = place
    while (next?.isHere && next.children === 0) {
      ordered.push(next.span)
      next.children = -1
      next = parentOf(next.span)
      if (next) next.children -= 1
    }
  }
  // Spans that are each other's parents have no order; they go last as they came.
  for (const { span, children } of waiting.values()) if (children > 0) ordered.push(span)
  return ordered
}
