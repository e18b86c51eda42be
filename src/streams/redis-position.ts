import { AurenError } from '../errors.ts'

/**
 * A place in a Redis stream: the entry id, and its ordinal (1 for the first entry ever added) where it is known. Ordinals
 * come from `entries-added`, which never decreases while the key lives: with them the number of entries that were trimmed
 * between two reads is exact (gateway.md §2.4). Written `ms-seq` or `ms-seq:ordinal`.
 */
export interface RedisPosition {
  readonly ms: bigint
  readonly seq: bigint
  readonly ordinal: number | null
}

/** Both parts of an id are unsigned 64-bit numbers. */
const maxPart = 2n ** 64n - 1n
const pattern = /^(\d{1,20})-(\d{1,20})(?::(\d{1,15}))?$/

export function parsePosition(text: string): RedisPosition {
  const match = pattern.exec(text)
  if (!match?.[1] || !match[2]) throw new AurenError('AUREN_POSITION_INVALID')
  const [ms, seq] = [BigInt(match[1]), BigInt(match[2])]
  if (ms > maxPart || seq > maxPart) throw new AurenError('AUREN_POSITION_INVALID')
  return { ms, seq, ordinal: match[3] === undefined ? null : Number(match[3]) }
}

export function formatPosition(position: RedisPosition): string {
  return position.ordinal === null ? entryId(position) : `${entryId(position)}:${position.ordinal}`
}

export function entryId({ ms, seq }: RedisPosition): string {
  return `${ms}-${seq}`
}

/** Negative, 0 or positive as a sort function has it. As text or floats the ids would compare wrongly. */
export function compare(a: RedisPosition, b: RedisPosition): number {
  if (a.ms !== b.ms) return a.ms < b.ms ? -1 : 1
  if (a.seq === b.seq) return 0
  return a.seq < b.seq ? -1 : 1
}

/** The position right before an entry. */
export function before({ ms, seq, ordinal }: RedisPosition): RedisPosition {
  const earlier = ordinal === null ? null : Math.max(0, ordinal - 1)
  if (seq > 0n) return { ms, seq: seq - 1n, ordinal: earlier }
  if (ms > 0n) return { ms: ms - 1n, seq: maxPart, ordinal: earlier }
  return { ms, seq, ordinal: earlier }
}
