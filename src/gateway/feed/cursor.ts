import type { StreamPosition } from '../../streams/event-stream.ts'

/**
 * A position as clients hold it: one text, the same on every gateway of the stream, since it is the stream that counts.
 * Clients are to take it for opaque. It gives nobody a right: what may be seen is decided when an event is delivered.
 */
export function formatCursor({ epoch, id }: StreamPosition): string {
  return `${id}@${epoch}`
}

/** A bare entry id, as the predecessor's clients know them, is taken to be of the stream's present life. */
export function parseCursor(cursor: string, presentEpoch: string): StreamPosition {
  const at = cursor.lastIndexOf('@')
  return at === -1 ? { epoch: presentEpoch, id: cursor } : { epoch: cursor.slice(at + 1), id: cursor.slice(0, at) }
}
