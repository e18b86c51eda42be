import type { ConnectionEstablished, Gap, ServerMessage } from '../../protocol/server-messages.ts'
import type { Input } from './input.ts'

/** How the page stands to the gateway, as it is said at the top at all times. */
export type Phase = 'signed_out' | 'connecting' | 'catching_up' | 'live' | 'lagging' | 'reconnecting'

/** Events that are missing, since somebody last took note of it. */
export interface Missing {
  /** Undefined where nobody can know. */
  readonly count: number | undefined
  readonly reason: Gap['reason']
}

export interface Connection {
  readonly phase: Phase
  /** Why it is signed out or reconnecting, where that is known: a close reason of the gateway, or a sentence. */
  readonly reason: string | undefined
  /** When the phase began, and when anything last came: milliseconds of this machine. */
  readonly since: number
  readonly heardAt: number | undefined
  readonly welcome: ConnectionEstablished | undefined
  /** Milliseconds by which the gateway's clock is ahead of this machine's. */
  readonly clockAheadMs: number
  readonly missing: Missing | undefined
  /** Events that wait at the gateway, as it last said. */
  readonly lag: number
  /** When the token runs out, once the gateway has warned of it: milliseconds of the gateway's clock. */
  readonly tokenEndsAt: number | undefined
}

export const notConnected: Connection = {
  phase: 'connecting',
  reason: undefined,
  since: 0,
  heardAt: undefined,
  welcome: undefined,
  clockAheadMs: 0,
  missing: undefined,
  lag: 0,
  tokenEndsAt: undefined,
}

/** Events that may wait at the gateway without being called a lag. */
const lagAllowed = 200

export function foldConnection(connection: Connection, input: Input): Connection {
  switch (input.type) {
    case 'message':
      return { ...heard(connection, input.message, input.at), heardAt: input.at }
    case 'client':
      return enter(connection, phaseOf(input.state, connection), input.reason, input.at)
    case 'signed_out':
      return { ...enter(connection, 'signed_out', input.reason, input.at), tokenEndsAt: undefined }
    case 'unreachable':
      return enter(connection, 'reconnecting', input.reason, input.at)
    case 'gap_read':
      return { ...connection, missing: undefined }
    default:
      return connection
  }
}

function heard(connection: Connection, message: ServerMessage, at: number): Connection {
  switch (message.type) {
    case 'connection_established': {
      const clockAheadMs = Date.parse(message.server_time) - at
      return { ...connection, welcome: message, clockAheadMs, lag: 0, tokenEndsAt: undefined }
    }
    case 'gap':
      return { ...connection, missing: add(connection.missing, message) }
    case 'pong':
      return lagging({ ...connection, lag: message.lag ?? 0 }, at)
    case 'token_expiring':
      return { ...connection, tokenEndsAt: Date.parse(message.expires_at) }
    case 'refreshed': {
      const endsAt = message.expires_at === null ? Infinity : Date.parse(message.expires_at)
      const isOld = connection.tokenEndsAt !== undefined && endsAt <= connection.tokenEndsAt
      return isOld ? connection : { ...connection, tokenEndsAt: undefined }
    }
    default:
      return connection
  }
}

function phaseOf(state: Extract<Input, { type: 'client' }>['state'], { lag }: Connection): Phase {
  if (state === 'closed') return 'signed_out'
  return state === 'live' && lag > lagAllowed ? 'lagging' : state
}

function lagging(connection: Connection, at: number): Connection {
  if (connection.phase !== 'live' && connection.phase !== 'lagging') return connection
  return enter(connection, connection.lag > lagAllowed ? 'lagging' : 'live', undefined, at)
}

function enter(connection: Connection, phase: Phase, reason: string | undefined, at: number): Connection {
  const since = phase === connection.phase ? connection.since : at
  return { ...connection, phase, reason, since }
}

function add(missing: Missing | undefined, { missed, reason }: Gap): Missing {
  const isKnown = missed !== null && (missing === undefined || missing.count !== undefined)
  return { count: isKnown ? (missing?.count ?? 0) + missed : undefined, reason }
}
