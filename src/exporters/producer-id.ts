import { randomUUID } from 'node:crypto'

/** Names this process among all that write: process ids are used again, this is not. */
export const producerId = `${process.pid}-${randomUUID().slice(0, 8)}`
