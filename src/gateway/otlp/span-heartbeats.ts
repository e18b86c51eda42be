import { eventId } from '../../events/event-id.ts'
import type { AurenEvent } from '../../events/event.ts'
import { maxTime } from '../../events/timestamp.ts'
import { heartbeat } from '../../exporters/run-heartbeats.ts'
import type { Beat } from '../../exporters/run-heartbeats.ts'
import type { SpanRecord } from '../../translate/span-record.ts'

/**
 * Resource attributes with which auren-live (python/auren-live) sends the spans that are still open once more, to say that
 * their process lives. They stand on the resource, since that is what a Collector on the way keeps.
 */
const names = {
  producer: 'auren.heartbeat.producer',
  intervalMs: 'auren.heartbeat.interval_ms',
  timeMs: 'auren.heartbeat.time_unix_ms',
} as const

/**
 * Heartbeats for the runs of these open spans: one a run, in the name of its first step that `started` knows an event for.
 * The same beat gives the same ids, so that a request that is sent again gives no second event.
 */
export function heartbeatsOf(
  open: readonly SpanRecord[],
  started: (span: SpanRecord) => AurenEvent | undefined,
): AurenEvent[] {
  const runs = Map.groupBy(open, ({ traceId }) => traceId)
  return [...runs.values()].flatMap((spans) => {
    const beat = beatOf(spans)
    if (beat === undefined) return []
    const steps = spans.toSorted((a, b) => a.startMs - b.startMs).flatMap((span) => started(span) ?? [])
    const [first] = steps
    if (first === undefined) return []
    const { trace_id: traceId, span_id: spanId } = first
    const id = eventId(String(traceId), String(spanId), `heartbeat:${beat.producer}:${beat.timeMs}`)
    const ids = steps.flatMap((step) => step.span_id ?? [])
    return [heartbeat(id, first, ids, beat)]
  })
}

function beatOf([span]: readonly SpanRecord[]): Beat | undefined {
  const resource = span?.resource ?? {}
  const { [names.producer]: producer, [names.intervalMs]: intervalMs, [names.timeMs]: timeMs } = resource
  const isTold = typeof producer === 'string' && typeof intervalMs === 'number' && typeof timeMs === 'number'
  // A time beyond what a date can hold is no time.
  return isTold && Math.abs(timeMs) <= maxTime ? { producer, intervalMs, timeMs } : undefined
}
