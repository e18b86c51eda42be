import { describe, inject } from 'vitest'
import { eventStreamSuite } from '../streams/event-stream-suite.ts'
import { aTopic } from './topics.ts'

describe.each([1, 3])('kafka stream of %d partitions', (partitions) => {
  eventStreamSuite(() => Promise.resolve(aTopic(inject('kafka').address, partitions)))
})
