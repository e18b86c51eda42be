import { metrics } from '@opentelemetry/api'
import type { AurenEvent } from '../../src/events/event.ts'
import { AurenEventMetrics } from '../../src/exporters/event-metrics.ts'
import { SpanIntake } from '../../src/gateway/otlp/span-intake.ts'
import { priceByTable } from '../../src/translate/pricing.ts'
import type { SpanRecord } from '../../src/translate/span-record.ts'
import { recordedRequests } from './otlp-fixture.ts'

/** Events of a recorded run, as the OTLP receiver gives them: request by request, and at last what still waited. */
export function received(recording: string): AurenEvent[] {
  return receivedRequests(recordedRequests(recording))
}

export function receivedRequests(requests: readonly (readonly SpanRecord[])[], captureContent = false): AurenEvent[] {
  const events: AurenEvent[] = []
  const intake = new SpanIntake({
    tenantId: null,
    captureContent,
    price: priceByTable,
    metrics: new AurenEventMetrics(metrics.getMeterProvider()),
    sink: { write: (more) => events.push(...more) },
  })
  for (const request of requests) intake.take(request)
  intake.flush()
  return events
}
