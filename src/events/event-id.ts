import { createHash } from 'node:crypto'

/** Which fact of a span an event states. A span that gives several events of one phase adds the event type. */
export type EventPhase = 'start' | 'end' | `${'start' | 'end' | 'heartbeat'}:${string}`

// Any fixed UUID will do as the namespace of RFC 9562 §5.5; it must never change, or replays would not be recognised.
const namespace = Buffer.from('6f0f3a0c5a8d4c0e9a1f4b7e2d9c8a31', 'hex')

/**
 * The id of the event that states `phase` of a span: a version 5 UUID, so that a re-sent span, another gateway or a retry
 * gives the same id and consumers can drop the copy.
 */
export function eventId(traceId: string, spanId: string, phase: EventPhase): string {
  const hash = createHash('sha1').update(namespace).update(`${traceId}:${spanId}:${phase}`).digest()
  hash[6] = (hash.readUInt8(6) & 0x0f) | 0x50
  hash[8] = (hash.readUInt8(8) & 0x3f) | 0x80
  const hex = hash.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}
