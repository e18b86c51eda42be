import { AurenError } from '../../errors.ts'
import { maxTime, toTimestamp } from '../../events/timestamp.ts'
import type { Run } from '../../protocol/runs.ts'

/** Where a run stands in a list. */
export type RunPlace = Pick<Run, 'started_at' | 'trace_id'>

/** Newest first, and those of one millisecond always in one order, so that pages fit together, on every gateway. */
export function byAge(a: RunPlace, b: RunPlace): number {
  const [one, other] = [a.started_at + a.trace_id, b.started_at + b.trace_id]
  return one === other ? 0 : one < other ? 1 : -1
}

/** A place as clients hold it: opaque to them. */
export function formatPlace({ started_at: startedAt, trace_id: traceId }: RunPlace): string {
  return `${Date.parse(startedAt)}.${traceId}`
}

/** Throws AUREN_POSITION_INVALID. */
export function parsePlace(text: string): RunPlace {
  const [, startedAt, traceId] = /^(-?\d{1,16})\.(.+)$/.exec(text) ?? []
  if (traceId === undefined || !(Math.abs(Number(startedAt)) <= maxTime)) throw new AurenError('AUREN_POSITION_INVALID')
  return { started_at: toTimestamp(Number(startedAt)), trace_id: traceId }
}
