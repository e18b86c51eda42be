import { ExportResultCode } from '@opentelemetry/core'
import type { ExportResult } from '@opentelemetry/core'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import { createPublisher } from './event-publisher.ts'
import type { EventPublisher } from './event-publisher.ts'
import type { AurenExportOptions } from './export-options.ts'
import { atProcessEnd } from './process-end.ts'
import { toSpanRecord } from './readable-span.ts'

/**
 * A plain exporter for one's own batch processor: ended spans become AUREN events. It answers success once the events are
 * queued, since the batch processor never retries; reliability is the writer's. For steps that show when they start, use
 * `AurenSpanProcessor` instead of it, not beside it.
 */
export class AurenSpanExporter implements SpanExporter {
  readonly #publisher: EventPublisher
  readonly #leaveProcess: () => void
  #closed = false

  constructor(options: AurenExportOptions = {}) {
    this.#publisher = createPublisher({ ...options, heartbeatMs: 0 })
    this.#leaveProcess = atProcessEnd(this.#publisher)
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    if (this.#closed)
      return done({ code: ExportResultCode.FAILED, error: new Error('AurenSpanExporter was shut down') })
    try {
      this.#publisher.pipeline.spansEnded(spans.map((span) => toSpanRecord(span, 'end')))
    } catch (error) {
      return done({ code: ExportResultCode.FAILED, error: error as Error })
    }
    done({ code: ExportResultCode.SUCCESS })
  }

  async forceFlush(): Promise<void> {
    await this.#publisher.flush()
  }

  async shutdown(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#publisher.close()
    this.#leaveProcess()
  }
}
