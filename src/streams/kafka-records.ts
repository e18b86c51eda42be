import { compatibilityPartitioner } from '@platformatic/kafka'
import type { MessageToProduce, RecordsBatch } from '@platformatic/kafka'
import type { AurenEvent } from '../events/event.ts'
import { fromEventJson } from '../events/stored-event.ts'
import type { EventPage, StreamEntry } from './event-stream.ts'
import { formatOffsets } from './kafka-position.ts'
import type { Offsets } from './kafka-position.ts'

export type KafkaMessage = MessageToProduce<string, string, string, string>

export interface StoredRecord {
  readonly partition: number
  readonly offset: number
  /** Milliseconds since the epoch, by the clock of the producer. */
  readonly timestamp: number
  readonly text: string
}

/**
 * An event as the predecessor wrote it, key trace id and value JSON. It goes to the partition to which Java's clients send its
 * key; one without a trace by its own id, so that a copy that is sent again stands behind the first one.
 */
export function toMessage(topic: string, event: AurenEvent): KafkaMessage {
  const { trace_id: traceId, span_id: spanId, tenant_id: tenantId } = event
  return {
    topic,
    partition: compatibilityPartitioner({ topic }, Buffer.from(traceId || event.event_id)),
    ...(traceId ? { key: traceId } : {}),
    value: JSON.stringify(event),
    headers: {
      event_type: event.event_type,
      ...(tenantId ? { tenant_id: tenantId } : {}),
      // W3C Trace Context, level 1, §3.2: version, trace id, parent id, sampled.
      ...(traceId && spanId ? { traceparent: `00-${traceId}-${spanId}-01` } : {}),
    },
  }
}

export function storedRecords(partition: number, batches: readonly RecordsBatch[], from: number): StoredRecord[] {
  return batches.flatMap(({ firstOffset, firstTimestamp, records }) =>
    records
      .map(({ offsetDelta, timestampDelta, value }) => ({
        partition,
        offset: Number(firstOffset) + offsetDelta,
        timestamp: Number(firstTimestamp + timestampDelta),
        text: value?.toString() ?? '',
      }))
      // A batch is sent whole when only its end was asked for.
      .filter(({ offset }) => offset >= from),
  )
}

/** By time across partitions, by offset within one, whatever its producers' clocks say. */
export function inOrder(records: readonly StoredRecord[]): StoredRecord[] {
  const partitions = [...Map.groupBy(records, ({ partition }) => partition).values()]
  return partitions
    .flatMap((own) => {
      let latest = 0
      return own.map((record) => ({ record, at: (latest = Math.max(latest, record.timestamp)) }))
    })
    .toSorted((a, b) => a.at - b.at)
    .map(({ record }) => record)
}

/** Where to read on behind these records. */
export function behind(from: Offsets, records: readonly StoredRecord[]): Offsets {
  const offsets = [...from]
  for (const { partition, offset } of records) offsets[partition] = offset + 1
  return offsets
}

export function decode(records: readonly StoredRecord[], from: Offsets): Pick<EventPage, 'entries' | 'malformed'> {
  const entries: StreamEntry[] = []
  const at = [...from]
  for (const { partition, offset, text } of records) {
    at[partition] = offset + 1
    const decoded = fromEventJson(text)
    if (decoded.ok) entries.push({ id: `${partition}-${offset}`, position: formatOffsets(at), event: decoded.event })
  }
  return { entries, malformed: records.length - entries.length }
}
