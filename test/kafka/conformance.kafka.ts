import { describe, inject } from 'vitest'
import { eventStreamSuite, partitionedStreamSuite } from '../streams/event-stream-suite.ts'
import { aTopic } from './topics.ts'

const create = (partitions: number) => () => Promise.resolve(aTopic(inject('kafka').address, partitions))

describe('kafka stream of one partition', () => eventStreamSuite(create(1)))

describe('kafka stream of three partitions', () => partitionedStreamSuite(create(3)))
