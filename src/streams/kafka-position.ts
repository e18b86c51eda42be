import { AurenError } from '../errors.ts'
import type { StreamPosition } from './event-stream.ts'

/** The offset to read next in each partition, by partition number. Written `12.0.7`. */
export type Offsets = readonly number[]

/** Epoch of a topic that nobody has made yet: whatever it will hold comes after. */
const noTopic = 'none'

export const beforeTopic: StreamPosition = { epoch: noTopic, id: '0' }

const pattern = /^\d{1,15}(?:\.\d{1,15})*$/

/** Rejects what is no position of a topic of so many partitions; one of fewer is from before partitions were added. */
export function parseOffsets(text: string, partitions: number): Offsets {
  const offsets = pattern.test(text) ? text.split('.').map(Number) : []
  if (offsets.length === 0 || offsets.length > partitions) throw new AurenError('AUREN_POSITION_INVALID')
  return [...offsets, ...Array.from({ length: partitions - offsets.length }, () => 0)]
}

/** Rejects what only looks like it. */
export function isBeforeTopic({ epoch, id }: StreamPosition): boolean {
  if (epoch === noTopic && id !== beforeTopic.id) throw new AurenError('AUREN_POSITION_INVALID')
  return epoch === noTopic
}

export function sum(offsets: Offsets): number {
  return offsets.reduce((total, offset) => total + offset, 0)
}
