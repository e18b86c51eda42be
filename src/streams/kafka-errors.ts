import { findErrorBy } from '@platformatic/kafka'
import { AurenError } from '../errors.ts'
import type { AurenErrorCode } from '../errors.ts'

/** Kafka's own error names (kafka.apache.org/protocol, "Error Codes") → our codes; what is not among them may go by itself. */
const codes: Readonly<Record<string, AurenErrorCode>> = {
  TOPIC_AUTHORIZATION_FAILED: 'AUREN_STREAM_REFUSED',
  CLUSTER_AUTHORIZATION_FAILED: 'AUREN_STREAM_REFUSED',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'AUREN_STREAM_REFUSED',
  SASL_AUTHENTICATION_FAILED: 'AUREN_STREAM_REFUSED',
  UNSUPPORTED_SASL_MECHANISM: 'AUREN_STREAM_REFUSED',
  ILLEGAL_SASL_STATE: 'AUREN_STREAM_REFUSED',
  MESSAGE_TOO_LARGE: 'AUREN_EVENT_TOO_LARGE',
  RECORD_LIST_TOO_LARGE: 'AUREN_EVENT_TOO_LARGE',
}

/** What parts of a cluster answer about a topic that others have just made, deleted or moved. */
const settling: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_TOPIC_ID',
  'INCONSISTENT_TOPIC_ID',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_OR_FOLLOWER',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'OFFSET_NOT_AVAILABLE',
  'REPLICA_NOT_AVAILABLE',
])

export function fromKafka(error: unknown): AurenError {
  if (error instanceof AurenError) return error
  const errors = parts(error)
  const code = errors.map(({ apiId = '' }) => codes[apiId]).find((known) => known !== undefined)
  if (code) return new AurenError(code, { cause: plain(error) })
  const isRefused = errors.some((part) => part.code === 'PLT_KFK_AUTHENTICATION')
  return new AurenError(isRefused ? 'AUREN_STREAM_REFUSED' : 'AUREN_STREAM_UNAVAILABLE', { cause: plain(error) })
}

export function isUnknownTopic(error: unknown): boolean {
  return parts(error).some(
    ({ apiId, code, message }) =>
      apiId === 'UNKNOWN_TOPIC_OR_PARTITION' || (code === 'PLT_KFK_USER' && message.startsWith('Unknown topic')),
  )
}

/** Whether another look, at a layout that is up to date, may do. */
export function isSettling(error: unknown): boolean {
  return isUnknownTopic(error) || parts(error).some(({ apiId = '' }) => settling.has(apiId))
}

export function isOutOfRange(error: unknown): boolean {
  return findErrorBy(error as Error, 'apiId', 'OFFSET_OUT_OF_RANGE') !== null
}

interface KafkaError extends Error {
  readonly code?: string
  readonly apiId?: string
  readonly errors?: readonly unknown[]
}

/** The error with those it consists of and those that led to it. */
function parts(error: unknown, depth = 0): KafkaError[] {
  if (!(error instanceof Error) || depth > 8) return []
  const { errors = [], cause } = error as KafkaError
  return [error, ...[...errors, cause].flatMap((part) => parts(part, depth + 1))]
}

/** Messages and the last code only: the library hangs its options on errors, and with them the password. */
function plain(error: unknown): Error {
  const messages = new Set(parts(error).map(({ message, apiId }) => apiId ?? message))
  const { code } = parts(error).at(-1) ?? {}
  const copy = new Error([...messages].filter(Boolean).join(' ') || 'unknown error')
  return code === undefined ? copy : Object.assign(copy, { code })
}
