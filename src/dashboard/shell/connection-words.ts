import type { Connection, Missing, Phase } from '../state/connection.ts'

/** Two words for the top of the page. */
export const phaseNames: Readonly<Record<Phase, string>> = {
  signed_out: 'Signed out',
  connecting: 'Connecting',
  catching_up: 'Catching up',
  live: 'Live',
  lagging: 'Lagging',
  reconnecting: 'Reconnecting',
}

/** A sentence on how the connection is, for those who cannot see its colour. */
export function phaseSentence({ phase, reason, lag }: Pick<Connection, 'phase' | 'reason' | 'lag'>): string {
  switch (phase) {
    case 'signed_out':
      return reason === undefined ? 'Signed out' : `Signed out: ${reasonWords(reason)}`
    case 'connecting':
      return 'Connecting to the gateway'
    case 'catching_up':
      return 'Catching up with what happened meanwhile'
    case 'live':
      return 'Live'
    case 'lagging':
      return `Lagging: ${lag.toLocaleString('en')} events wait at the gateway for this page`
    case 'reconnecting':
      return `The gateway does not answer${reason === undefined ? '' : ` (${reasonWords(reason)})`}. The page tries again, and goes on where it was`
  }
}

/** The gateway's one-word reasons as people say them. */
const reasons: Readonly<Record<string, string>> = {
  auth_failed: 'the gateway does not accept the token',
  auth_timeout: 'the token did not come in time',
  token_expired: 'the token has run out',
  token_revoked: 'the token was revoked',
  rate_limit: 'this page asked too often',
  capacity: 'the gateway has no room for one more connection',
  unavailable: 'the gateway cannot check tokens at the moment',
  slow_consumer: 'this browser did not take what it was sent',
  server_draining: 'the gateway is being restarted',
}

export function reasonWords(reason: string): string {
  return reasons[reason] ?? reason
}

export const gapReasons: Readonly<Record<Missing['reason'], string>> = {
  trimmed: 'the stream no longer had them when they were to be sent',
  epoch_changed: 'the stream was deleted and begun anew',
  future_cursor: 'the stream has lost its newest events, as after a failover',
  invalid_cursor: 'the place to go on from was not understood',
  rate_limit: 'the token allows no more events a minute',
}

export function gapSentence({ count, reason }: Missing): string {
  const what =
    count === undefined ? 'Some events are' : count === 1 ? '1 event is' : `${count.toLocaleString('en')} events are`
  return `${what} missing here: ${gapReasons[reason]}.`
}
