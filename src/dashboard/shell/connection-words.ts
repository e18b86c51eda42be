import { gapReasons, missingEvents } from '../../client/missing-events.ts'
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

export function gapSentence({ count, reason }: Missing): string {
  const words = missingEvents(count ?? null, gapReasons[reason])
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
}
