import type { DecodedEntry } from '../events/stored-event.ts'
import type { EventPage, StreamEntry } from './event-stream.ts'

/** What a stream stores that has several partitions, each with an order and with places of its own. */
export interface PartitionRecord<Place> {
  readonly partition: number
  /** Of the entry, unique in the stream. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  /** Where its partition is read on behind it. */
  readonly place: Place
}

/** A place in each partition, by partition number, as text: `12.0.7`. */
export function formatPlaces(places: readonly (number | string)[]): string {
  return places.join('.')
}

/** By time across partitions, by place within one, whatever the clocks say. */
export function inOrder<R extends Pick<PartitionRecord<unknown>, 'partition' | 'timestamp'>>(
  records: readonly R[],
): readonly R[] {
  const partitions = [...Map.groupBy(records, ({ partition }) => partition).values()]
  if (partitions.length < 2) return records
  return partitions
    .flatMap((own) => {
      let latest = 0
      return own.map((record) => ({ record, at: (latest = Math.max(latest, record.timestamp)) }))
    })
    .toSorted((a, b) => a.at - b.at)
    .map(({ record }) => record)
}

/** Where to read on behind these records. */
export function behind<Place>(
  from: readonly Place[],
  records: readonly Pick<PartitionRecord<Place>, 'partition' | 'place'>[],
): readonly Place[] {
  const places = [...from]
  for (const { partition, place } of records) places[partition] = place
  return places
}

/** The events among these records, each with its position behind those before it. */
export function toEntries<Place extends number | string, R extends PartitionRecord<Place>>(
  records: readonly R[],
  from: readonly Place[],
  decode: (record: R) => DecodedEntry,
): Pick<EventPage, 'entries' | 'malformed'> {
  const entries: StreamEntry[] = []
  const places = [...from]
  for (const record of records) {
    places[record.partition] = record.place
    const decoded = decode(record)
    if (decoded.ok) entries.push({ id: record.id, position: formatPlaces(places), event: decoded.event })
  }
  return { entries, malformed: records.length - entries.length }
}
