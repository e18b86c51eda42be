import { hash } from 'node:crypto'

/** Which fact of a span an event states. A span that gives several events of one phase adds the event type. */
export type EventPhase = 'start' | 'end' | `${'start' | 'end' | 'heartbeat'}:${string}`

// Any fixed UUID will do as the namespace of RFC 9562 §5.5; it must never change, or replays would not be recognised.
const namespace = Buffer.from('6f0f3a0c5a8d4c0e9a1f4b7e2d9c8a31', 'hex')
/** What is hashed: the namespace, and room for a name behind it. */
const input = Buffer.alloc(namespace.length + 256)
namespace.copy(input)

/**
 * The id of the event that states `phase` of a span: a version 5 UUID, so that a re-sent span, another gateway or a retry
 * gives the same id and consumers can drop the copy.
 */
export function eventId(traceId: string, spanId: string, phase: EventPhase): string {
  const length = input.write(`${traceId}:${spanId}:${phase}`, namespace.length)
  const hex = hash('sha1', input.subarray(0, namespace.length + length), 'hex')
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) & 3]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
