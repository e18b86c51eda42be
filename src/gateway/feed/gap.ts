import type { Gap } from '../../protocol/server-messages.ts'
import type { PositionLostError } from '../../streams/event-stream.ts'
import { formatCursor } from './cursor.ts'

/** What clients are told about events that the stream has lost behind the cursor they asked for. */
export function toGap({ reason, missed, firstAvailable }: PositionLostError, requested: string | undefined): Gap {
  return {
    type: 'gap',
    reason,
    missed,
    ...(requested === undefined ? {} : { requested }),
    first_available: formatCursor(firstAvailable),
  }
}
