import { hash } from 'node:crypto'

/** Which fact of a span an event states. A span that gives several events of one phase adds the event type. */
export type EventPhase = 'start' | 'end' | `${'start' | 'end' | 'heartbeat'}:${string}`

/** The variant digit of RFC 9562 §4.1 has two bits to spare: they hold the phase. */
const phaseDigits: Readonly<Partial<Record<EventPhase, string>>> = { start: '8', end: '9' }

/**
 * The id of the event that states `phase` of a span: a UUID, so that a re-sent span, another gateway or a retry gives the
 * same id and consumers can drop the copy. For the start and the end it is of version 8, and holds what is random in the ids of
 * the span: all 64 bits of the span id, and the 56 of the trace id that W3C trace context level 2 wants random. It must never
 * change, or replays would not be recognised.
 */
export function eventId(traceId: string, spanId: string, phase: EventPhase): string {
  const digit = phaseDigits[phase]
  if (digit === undefined || traceId.length !== 32 || spanId.length !== 16) return hashedId(traceId, spanId, phase)
  // Joined it is one string; put together piece by piece it would be remembered as all of its pieces.
  return [
    spanId.slice(0, 8),
    spanId.slice(8, 12),
    `8${spanId.slice(12, 15)}`,
    `${digit}${spanId.slice(15)}${traceId.slice(18, 20)}`,
    traceId.slice(20),
  ].join('-')
}

// Any fixed UUID will do as the namespace of RFC 9562 §5.5.
const namespace = Buffer.from('6f0f3a0c5a8d4c0e9a1f4b7e2d9c8a31', 'hex')

/** A version 5 UUID. */
function hashedId(traceId: string, spanId: string, phase: EventPhase): string {
  const hex = hash('sha1', Buffer.concat([namespace, Buffer.from(`${traceId}:${spanId}:${phase}`)]), 'hex')
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) & 3]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
