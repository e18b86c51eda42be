import type { MeterProvider } from '@opentelemetry/api'
import { AurenEventMetrics } from '../../exporters/event-metrics.ts'
import { EventWriter } from '../../exporters/event-writer.ts'
import { writeToAll } from '../../exporters/event-writers.ts'
import type { Writer } from '../../exporters/event-writers.ts'
import { capturesContent } from '../../exporters/export-options.ts'
import { redactWith } from '../../exporters/redact-hook.ts'
import { observeWriter } from '../../exporters/writer-metrics.ts'
import type { EventStream } from '../../streams/event-stream.ts'
import { loadPriceTable } from '../../translate/price-table.ts'
import { pricesWithFile } from '../../translate/price-file.ts'
import type { SpanRecord } from '../../translate/span-record.ts'
import type { GatewaySettings } from '../settings.ts'
import { SpanIntake } from './span-intake.ts'
import type { SpanIntakeOptions } from './span-intake.ts'

/** Tenants whose spans are known at once; the one that was quiet the longest is forgotten first. */
const maxTenants = 1_000
/** Milliseconds between looks for spans that have waited long enough. */
const releaseMs = 250
/** Bytes of events that wait for the stream. */
const maxQueueBytes = 32 * 1024 * 1024
/** Share of the queue beyond which requests are put off: the largest one that is still taken finds room in the rest. */
const fullAt = 0.5

/** How received spans are read, the same for every tenant. */
export type IngestOptions = Pick<SpanIntakeOptions, 'captureContent' | 'price' | 'redact'>

/** Throws AUREN_PRICES_INVALID or AUREN_OPTIONS_INVALID where the prices or the hook cannot be used. */
export function ingestOptions(settings: GatewaySettings): IngestOptions {
  return {
    captureContent: capturesContent({}, process.env),
    price: pricesWithFile(settings.pricesFile),
    redact: redactWith(settings),
  }
}

function writerTo(stream: EventStream): EventWriter {
  return new EventWriter({ open: () => Promise.resolve(stream), closesStream: false, maxQueueBytes })
}

/**
 * Spans received over OTLP on their way to the stream: one intake a tenant, one writer for all. While the stream is away they
 * wait in memory, and then at their senders: those have a queue and a disk that outlast this process, which another may replace.
 */
export class Ingest {
  readonly #writer: Writer
  readonly #intakeOptions: Omit<SpanIntakeOptions, 'tenantId'>
  readonly #intakes = new Map<string | null, SpanIntake>()
  readonly #timer: NodeJS.Timeout

  constructor(stream: EventStream, provider: MeterProvider, options: IngestOptions) {
    this.#writer = writeToAll((stream.parts ?? [stream]).map(writerTo))
    this.#intakeOptions = { ...options, metrics: new AurenEventMetrics(provider), sink: this.#writer }
    observeWriter(provider, () => this.#writer.stats)
    this.#timer = setInterval(() => this.#intakes.forEach((intake) => intake.release()), releaseMs).unref()
    loadPriceTable()
  }

  /** Whether the stream cannot keep up: clients are asked to come again later. */
  get isFull(): boolean {
    const { queuedEvents, capacityEvents, queuedBytes, capacityBytes } = this.#writer.stats
    return queuedEvents > capacityEvents * fullAt || queuedBytes > capacityBytes * fullAt
  }

  take(spans: readonly SpanRecord[], tenantId: string | null): void {
    this.#intakeOf(tenantId).take(spans)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    for (const intake of this.#intakes.values()) intake.flush()
    await this.#writer.close()
  }

  #intakeOf(tenantId: string | null): SpanIntake {
    const intake = this.#intakes.get(tenantId) ?? this.#createIntake(tenantId)
    this.#intakes.delete(tenantId)
    this.#intakes.set(tenantId, intake)
    if (this.#intakes.size > maxTenants) this.#forgetQuietest()
    return intake
  }

  #createIntake(tenantId: string | null): SpanIntake {
    return new SpanIntake({ tenantId, ...this.#intakeOptions })
  }

  #forgetQuietest(): void {
    for (const [tenantId, intake] of this.#intakes) {
      intake.flush()
      this.#intakes.delete(tenantId)
      return
    }
  }
}
