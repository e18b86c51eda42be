import { compatibilityPartitioner } from '@platformatic/kafka'
import type { MessageToProduce, RecordsBatch } from '@platformatic/kafka'
import type { AurenEvent } from '../events/event.ts'
import { fromEventJson } from '../events/stored-event.ts'
import type { DecodedEntry } from '../events/stored-event.ts'
import type { PartitionRecord } from './partitions.ts'

export type KafkaMessage = MessageToProduce<string, string, string, string>

/** The place is the offset behind it, the timestamp by the clock of the producer. */
export interface StoredRecord extends PartitionRecord<number> {
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
      .map(({ offsetDelta, timestampDelta, value }) => {
        const offset = Number(firstOffset) + offsetDelta
        const timestamp = Number(firstTimestamp + timestampDelta)
        return { partition, id: `${partition}-${offset}`, timestamp, place: offset + 1, text: value?.toString() ?? '' }
      })
      // A batch is sent whole when only its end was asked for.
      .filter(({ place }) => place > from),
  )
}

export function decode({ text }: StoredRecord): DecodedEntry {
  return fromEventJson(text)
}
