import type { Gap } from '../protocol/server-messages.ts'

/** Why a gateway did not send events, as people say it. */
export const gapReasons: Readonly<Record<Gap['reason'], string>> = {
  trimmed: 'the stream no longer had them when they were to be sent',
  epoch_changed: 'the stream was deleted and begun anew',
  future_cursor: 'the stream has lost its newest events, as after a failover',
  invalid_cursor: 'the place to go on from was not understood',
  rate_limit: 'the token allows no more events a minute',
}

/** "3 events are missing here: why"; null: nobody knows how many. */
export function missingEvents(count: number | null, why: string): string {
  const what =
    count === null ? 'some events are' : count === 1 ? '1 event is' : `${count.toLocaleString('en')} events are`
  return `${what} missing here: ${why}`
}
