import { PositionLostError } from './event-stream.ts'
import type { StreamPosition } from './event-stream.ts'
import { before, compare, formatPosition, parsePosition } from './redis-position.ts'
import type { RedisPosition } from './redis-position.ts'

/** What XINFO STREAM says, with ordinals where the server (7.0 or later) lets us know them. */
export interface StreamState {
  readonly epoch: string
  readonly length: number
  /** Position before the oldest entry. */
  readonly first: RedisPosition
  readonly last: RedisPosition
  /** Entries ever added; null before Redis 7.0 and after an XDEL, which would make ordinals wrong. */
  readonly added: number | null
}

export const emptyState = (epoch: string): StreamState => {
  const start = { ms: 0n, seq: 0n, ordinal: 0 }
  return { epoch, length: 0, first: start, last: start, added: 0 }
}

/** XINFO STREAM as RESP2 gives it: names and values in turn. */
export function parseState(epoch: string, reply: readonly unknown[]): StreamState {
  const info = new Map<unknown, unknown>()
  for (let i = 0; i + 1 < reply.length; i += 2) info.set(reply[i], reply[i + 1])
  const length = Number(info.get('length'))
  const deleted = info.get('max-deleted-entry-id')
  const known = info.has('entries-added') && (deleted === undefined || deleted === '0-0')
  const added = known ? Number(info.get('entries-added')) : null
  const last = { ...parsePosition(String(info.get('last-generated-id'))), ordinal: added }
  const firstEntry = info.get('first-entry')
  const first = Array.isArray(firstEntry)
    ? before({ ...parsePosition(String(firstEntry[0])), ordinal: added === null ? null : added - length + 1 })
    : last
  return { epoch, length, first, last, added }
}

export function toPosition(state: Pick<StreamState, 'epoch'>, position: RedisPosition): StreamPosition {
  return { epoch: state.epoch, id: formatPosition(position) }
}

/** Throws when this position is of another life of the stream. */
export function assertSameLife(state: StreamState, { epoch }: StreamPosition): void {
  if (epoch !== state.epoch) throw lost(state, 'epoch_changed', state.first, null)
}

/** Throws when entries after this position are gone, by the decision table D-5 of gateway.md. */
export function assertReadable(state: StreamState, after: StreamPosition, from: RedisPosition): void {
  assertSameLife(state, after)
  const { ordinal } = from
  // Fewer entries were ever added than we have seen: the key was deleted and made anew under the same epoch.
  if (ordinal !== null && state.added !== null && ordinal > state.added)
    throw lost(state, 'epoch_changed', state.first, null)
  // The oldest entry should have been read long ago, but is newer than what was read: made anew, and longer by now.
  if (ordinal !== null && state.first.ordinal !== null && state.length > 0) {
    if (ordinal > state.first.ordinal && compare(from, state.first) <= 0)
      throw lost(state, 'epoch_changed', state.first, null)
  }
  if (compare(from, state.last) > 0) throw lost(state, 'future_cursor', state.last, null)
  if (ordinal !== null && state.first.ordinal !== null) {
    const missed = state.first.ordinal - ordinal
    if (missed > 0) throw lost(state, 'trimmed', state.first, missed)
    return
  }
  const everTrimmed = state.added === null || state.added > state.length
  if (compare(from, state.first) < 0 && everTrimmed) throw lost(state, 'trimmed', state.first, null)
}

function lost(
  state: StreamState,
  reason: PositionLostError['reason'],
  firstAvailable: RedisPosition,
  missed: number | null,
): PositionLostError {
  return new PositionLostError(reason, toPosition(state, firstAvailable), missed)
}

/**
 * Where to read on after these entries, `all` that stand behind `from` or as many as were asked for. Throws when they are
 * more than were ever added since `from`: Redis came back with an older copy of the stream and went on from there.
 */
export function advance(state: StreamState, from: RedisPosition, ids: readonly string[], all: boolean): RedisPosition {
  const expected = from.ordinal === null || state.added === null ? Infinity : state.added - from.ordinal
  if (ids.length > expected) {
    const corrected = all && state.added !== null ? state.added - ids.length : null
    throw lost(state, 'epoch_changed', { ...from, ordinal: corrected }, null)
  }
  const newest = ids.at(-1)
  if (newest === undefined) return from
  const { ms, seq } = parsePosition(newest)
  const ordinal = all ? state.added : from.ordinal === null ? null : from.ordinal + ids.length
  return { ms, seq, ordinal }
}
