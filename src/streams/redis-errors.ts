import { AurenError } from '../errors.ts'
import type { AurenErrorCode } from '../errors.ts'

/** An error that Redis answered with, as opposed to a broken connection. */
export function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError'
}

/** Whether this server cannot serve us now: after a failover only a new connection finds the one that can. */
export function movesTheServer(error: Error): boolean {
  return /\b(READONLY|LOADING|MASTERDOWN|UNBLOCKED|MOVED|ASK|CLUSTERDOWN)\b/.test(rootOf(error).message)
}

/** Redis' own error words → our codes; what is not among them may go by itself. */
const codes: Readonly<Record<string, AurenErrorCode>> = {
  WRONGTYPE: 'AUREN_STREAM_WRONG_TYPE',
  OOM: 'AUREN_STREAM_FULL',
  NOAUTH: 'AUREN_STREAM_REFUSED',
  WRONGPASS: 'AUREN_STREAM_REFUSED',
  NOPERM: 'AUREN_STREAM_REFUSED',
}

export function fromReply(error: Error): AurenError {
  const root = rootOf(error)
  const [word = ''] = root.message.split(' ')
  return new AurenError(codes[word] ?? 'AUREN_STREAM_UNAVAILABLE', { cause: plain(root) })
}

export function fromFailure(error: unknown): AurenError {
  return new AurenError('AUREN_STREAM_UNAVAILABLE', { cause: plain(error) })
}

/** Whether Redis refused for want of memory. Takes an error of ours. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof AurenError && error.code === 'AUREN_STREAM_FULL'
}

/** What made Redis refuse a transaction: EXECABORT itself does not say. */
function rootOf(error: Error): Error {
  const { previousErrors } = error as { previousErrors?: readonly Error[] }
  return previousErrors?.[0] ?? error
}

/** Message and code only: ioredis hangs the whole command on its errors, and with it the events or the password. */
function plain(error: unknown): Error {
  const { message, code } = error as { message?: string; code?: string }
  // Refused on each of several addresses, Node says why in the code only.
  const copy = new Error(message || code || 'unknown error')
  return code === undefined ? copy : Object.assign(copy, { code })
}
