export { AppendError, PositionLostError } from './event-stream.ts'
export type {
  EventPage,
  EventStream,
  PositionLostReason,
  ReadOptions,
  StreamEntry,
  StreamInfo,
  StreamPosition,
} from './event-stream.ts'
export { openStream, type OpenStreamOptions } from './open-stream.ts'
