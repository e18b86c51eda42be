import { hasFailed, sentence } from '../../client/sentence.ts'
import type { AurenEvent } from '../../events/event.ts'
import type { Gap } from '../../protocol/server-messages.ts'
import type { Input } from './input.ts'

/** A row of the feed, with what it is shown and searched by. */
export interface EventRow {
  readonly kind: 'event'
  /** Counts up from 0, never used twice. */
  readonly seq: number
  readonly event: AurenEvent
  readonly agent: string
  readonly text: string
  readonly failed: boolean
  readonly latencyMs: number | undefined
  /** USD. */
  readonly cost: number | undefined
  /** Where it is in the stream; undefined for those from before the page was opened. */
  readonly cursor?: string
}

/** Where events are missing. */
export interface GapRow {
  readonly kind: 'gap'
  readonly seq: number
  readonly gap: Gap
}

export type Row = EventRow | GapRow

export interface EventLog {
  /** Oldest first. */
  readonly rows: readonly Row[]
  /** The cursor before which the stream has what is older than the rows; undefined where it had nothing older. */
  readonly before: string | undefined
  /** The number of the next row. */
  readonly next: number
  /** Events that came since the page was opened, and the newest time that one states: milliseconds since the epoch. */
  readonly received: number
  readonly newestAt: number | undefined
  /** Ids of the events from before the page was opened: what follows may begin with some of them. */
  readonly past: ReadonlySet<string>
}

export const emptyLog: EventLog = {
  rows: [],
  before: undefined,
  next: 0,
  received: 0,
  newestAt: undefined,
  past: new Set(),
}

/** Rows kept at the least, and at the most: the oldest go in one piece. */
export const rowsKept = 20_000
export const rowsHeld = 22_000

export function foldLog(log: EventLog, inputs: readonly Input[]): EventLog {
  const added: Row[] = []
  let { past, before } = log
  for (const input of inputs) {
    const seq = log.next + added.length
    if (input.type === 'history') {
      for (const [index, event] of input.events.entries()) added.push(toRow(seq + index, event))
      past = new Set(input.events.map((event) => event.event_id))
      before = input.before
    } else if (input.type === 'message') {
      if (input.message.type === 'stream_event') {
        const { event, id: cursor } = input.message
        if (!past.has(event.event_id)) added.push({ ...toRow(seq, event), cursor })
      } else if (input.message.type === 'gap') added.push({ kind: 'gap', seq, gap: input.message })
    }
  }
  if (added.length === 0) return log
  const all = [...log.rows, ...added]
  const rows = all.length > rowsHeld ? all.slice(-rowsKept) : all
  const came = inputs.filter((input) => input.type === 'message' && input.message.type === 'stream_event').length
  const times = added.flatMap((row) => (row.kind === 'event' ? [Date.parse(row.event.timestamp) || 0] : []))
  return {
    rows,
    before: rows === all ? before : cursorOf(rows),
    next: log.next + added.length,
    received: log.received + came,
    newestAt: times.reduce<number | undefined>((newest, at) => Math.max(newest ?? 0, at), log.newestAt),
    past,
  }
}

/** The first place that is known: those from before the page was opened have gone before any that came since. */
function cursorOf(rows: readonly Row[]): string | undefined {
  return rows.find((row): row is EventRow => row.kind === 'event')?.cursor
}

/** Where the event with this id is among the rows; -1 where it is not. */
export function indexOfEvent(rows: readonly Row[], id: string | undefined): number {
  return rows.findLastIndex((row) => row.kind === 'event' && row.event.event_id === id)
}

export function eventIn(rows: readonly Row[], id: string | undefined): AurenEvent | undefined {
  const row = rows[indexOfEvent(rows, id)]
  return row?.kind === 'event' ? row.event : undefined
}

export function toRow(seq: number, event: AurenEvent): EventRow {
  const { payload, performance_metrics: metrics } = event
  return {
    kind: 'event',
    seq,
    event,
    agent: event.source_agent?.id ?? '',
    text: sentence(event),
    failed: hasFailed(event),
    latencyMs: amount(
      payload['latency_ms'] ?? payload['execution_time_ms'] ?? payload['session_duration_ms'] ?? metrics?.latency_ms,
    ),
    cost: amount(payload['cost'] ?? sum(payload['own_cost'], payload['delegated_cost'])),
  }
}

function sum(own: unknown, delegated: unknown): number | undefined {
  const total = (amount(own) ?? 0) + (amount(delegated) ?? 0)
  return total > 0 ? total : undefined
}

function amount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
