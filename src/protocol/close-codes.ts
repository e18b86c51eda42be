/** Offered by a client as its WebSocket subprotocol, it chooses version 1. */
export const subprotocol = 'auren.v1'

/** How the gateway ends a connection: code, and a reason that is one of these words (contract §4, W-11). */
export const closings = {
  authTimeout: { code: 1008, reason: 'auth_timeout' },
  authFailed: { code: 1008, reason: 'auth_failed' },
  tokenExpired: { code: 1008, reason: 'token_expired' },
  tokenRevoked: { code: 1008, reason: 'token_revoked' },
  rateLimit: { code: 1008, reason: 'rate_limit' },
  capacity: { code: 1013, reason: 'capacity' },
  unavailable: { code: 1013, reason: 'unavailable' },
  slowConsumer: { code: 1013, reason: 'slow_consumer' },
  serverDraining: { code: 1001, reason: 'server_draining' },
} as const

export type Closing = (typeof closings)[keyof typeof closings]

/** Reasons after which connecting again with the same token is pointless. */
const terminalReasons: ReadonlySet<string> = new Set([
  'auth_failed',
  'auth_timeout',
  'token_expired',
  'token_revoked',
  'rate_limit',
])

/** Whether a client should stop instead of reconnecting. 1002, 1003, 1007 and 1009 say that the client itself is wrong. */
export function isTerminal(code: number, reason: string): boolean {
  return [1002, 1003, 1007, 1009].includes(code) || (code === 1008 && (reason === '' || terminalReasons.has(reason)))
}
