import type { MeterProvider } from '@opentelemetry/api'
import type { EventStream } from '../streams/event-stream.ts'
import { pricesWithFile } from '../translate/price-file.ts'
import { priceByTable } from '../translate/pricing.ts'
import type { PriceCall } from '../translate/pricing.ts'
import { warn } from './warn.ts'

export interface AurenExportOptions {
  /** URL of the event stream, or an open stream, which then stays open. Default `AUREN_STREAM_URL`, else an SQLite file. */
  readonly stream?: string | EventStream
  /** Prompts, completions, tool arguments and results. Default `AUREN_CAPTURE_CONTENT`, else false. */
  readonly captureContent?: boolean
  /** Default `AUREN_TENANT_ID`, else none. */
  readonly tenantId?: string
  /** Path of a file with prices of private models (docs/cost.md). Default `AUREN_PRICES_FILE`, else none. */
  readonly pricesFile?: string
  /** Milliseconds between heartbeats of open runs, default 10,000. 0 turns them off. */
  readonly heartbeatMs?: number
  /** Where the metrics of contract §6 are recorded. Default the global meter provider. */
  readonly meterProviders?: readonly MeterProvider[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** Whether content is captured: the option, else our variable, else the standard one of the GenAI instrumentations. */
export function capturesContent(options: Pick<AurenExportOptions, 'captureContent'>, env: Environment): boolean {
  if (options.captureContent !== undefined) return options.captureContent
  const own = env['AUREN_CAPTURE_CONTENT']?.trim()
  const standard = env['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT']?.trim()
  const value = (own || standard || 'false').toLowerCase()
  return ['true', '1', 'span_only', 'span_and_event'].includes(value)
}

export function tenantOf(options: Pick<AurenExportOptions, 'tenantId'>, env: Environment): string | null {
  return options.tenantId ?? (env['AUREN_TENANT_ID']?.trim() || null)
}

/** Prices of the file that is named, and of the table. A file that cannot be used is a warning: agents go on without it. */
export function pricesOf(options: Pick<AurenExportOptions, 'pricesFile'>, env: Environment): PriceCall {
  try {
    return pricesWithFile(options.pricesFile ?? env['AUREN_PRICES_FILE']?.trim())
  } catch (error) {
    warn('AUREN prices model calls by its table alone', error)
    return priceByTable
  }
}
