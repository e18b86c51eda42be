import type { EventLog, Row } from '../state/event-log.ts'
import { matcher } from './filter.ts'
import type { Filter } from './filter.ts'

/** The rows of the log that a filter lets through. */
export interface Narrowed {
  readonly filter: Filter
  /** Oldest first. */
  readonly rows: readonly Row[]
  /** The first row that was not looked at. */
  readonly next: number
  /** Events that have matched since the filter was chosen, those that are no longer kept included. */
  readonly matched: number
}

/** Looks only at what came since `before`, when that was of the same filter: the log is long, and grows sixty times a second. */
export function narrow(before: Narrowed | undefined, log: EventLog, filter: Filter): Narrowed {
  const known = before?.filter === filter && before.next <= log.next ? before : undefined
  const first = log.rows[0]?.seq ?? log.next
  const fresh = log.rows.slice(Math.max(0, (known?.next ?? first) - first)).filter(matcher(filter))
  const kept = known === undefined ? [] : from(known.rows, first)
  return {
    filter,
    rows: fresh.length === 0 ? kept : [...kept, ...fresh],
    next: log.next,
    matched: (known?.matched ?? 0) + fresh.length,
  }
}

/** The rows from this number on. */
function from(rows: readonly Row[], seq: number): readonly Row[] {
  const oldest = rows[0]
  if (oldest === undefined || oldest.seq >= seq) return rows
  const index = rows.findIndex((row) => row.seq >= seq)
  return index === -1 ? [] : rows.slice(index)
}
