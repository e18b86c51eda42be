import type { MeterProvider } from '@opentelemetry/api'
import type { EventStream } from '../streams/event-stream.ts'
import { pricesWithFile } from '../translate/price-file.ts'
import { priceByTable } from '../translate/pricing.ts'
import type { PriceCall } from '../translate/pricing.ts'
import type { RedactText } from '../translate/redaction.ts'
import { redactWith } from './redact-hook.ts'
import type { RedactOptions } from './redact-hook.ts'
import { Spool, spoolFolder } from './spool.ts'
import { isSwitchedOn } from './switches.ts'
import { warn } from './warn.ts'

export interface AurenExportOptions extends RedactOptions {
  /** URL of the event stream, several with commas, or an open stream, which then stays open. Default `AUREN_STREAM_URL`, else an SQLite file. */
  readonly stream?: string | EventStream
  /** Prompts, completions, tool arguments and results. Default `AUREN_CAPTURE_CONTENT`, else false. */
  readonly captureContent?: boolean
  /** Default `AUREN_TENANT_ID`, else none. */
  readonly tenantId?: string
  /** Path of a file with prices of private models (docs/cost.md). Default `AUREN_PRICES_FILE`, else none. */
  readonly pricesFile?: string
  /** Where events wait on disk while the stream is away; false: nowhere. Default `AUREN_SPOOL_DIR`, else `~/.auren/spool`. */
  readonly spoolDir?: string | false
  /** Bytes on disk at the most, default 256 MiB. */
  readonly maxSpoolBytes?: number
  /** Bytes in memory at the most, default 16 MiB. */
  readonly maxQueueBytes?: number
  /** Milliseconds between heartbeats of open runs, default 10,000. 0 turns them off. */
  readonly heartbeatMs?: number
  /** Where the metrics of contract §6 are recorded. Default the global meter provider. */
  readonly meterProviders?: readonly MeterProvider[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** Whether content is captured: the option, else our variable, else the standard one of the GenAI instrumentations. */
export function capturesContent(options: Pick<AurenExportOptions, 'captureContent'>, env: Environment): boolean {
  if (options.captureContent !== undefined) return options.captureContent
  const own = 'AUREN_CAPTURE_CONTENT'
  if (env[own]?.trim()) return isSwitchedOn(own, env)
  const standard = env['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT']?.trim().toLowerCase() ?? ''
  return ['true', '1', 'span_only', 'span_and_event'].includes(standard)
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

/** Of one stream. None where its URL is no URL of ours: nobody would ever fetch the events. */
export function spoolOf(
  stream: string | EventStream,
  options: AurenExportOptions,
  env: Environment,
): Spool | undefined {
  const { spoolDir = env['AUREN_SPOOL_DIR']?.trim() || undefined, maxSpoolBytes } = options
  const name = typeof stream === 'object' ? stream.name : streamName(stream)
  if (spoolDir === false || name === undefined) return undefined
  return new Spool({
    folder: spoolFolder(name, spoolDir),
    ...(maxSpoolBytes === undefined ? {} : { maxBytes: maxSpoolBytes }),
  })
}

/** What tells streams apart, without the user and password that may change. */
function streamName(url: string): string | undefined {
  if (url.startsWith('sqlite:')) return url.split('?')[0]
  // Neither the driver, which may not be installed, nor a second reading of its URL.
  if (url.startsWith('kafka://')) return url.split('?')[0]?.replace(/^kafka:\/\/[^/]*@/, 'kafka://')
  if (!/^rediss?(?:\+sentinel|\+cluster)?:\/\//.test(url)) return undefined
  const [address = '', query] = url.split('?')
  const where = address.replace(/^rediss?/, 'redis').replace(/:\/\/[^/]*@/, '://')
  const given = new URLSearchParams(query)
  // In how many keys does not matter: events that wait go wherever their traces belong by then.
  const isDivided = (given.get('streams') ?? '1') !== '1'
  return `${where} ${given.get('stream') ?? 'auren:events'}${isDivided ? ' divided' : ''}`
}

export interface ContentOptions {
  readonly captureContent: boolean
  readonly redact: RedactText | undefined
}

/** What may leave of texts. Without the hook that the user wants there is no content: an agent warns and goes on. */
export function contentOf(options: AurenExportOptions, env: Environment): ContentOptions {
  const redactModule = options.redactModule ?? env['AUREN_REDACT_MODULE']?.trim() ?? ''
  try {
    return { captureContent: capturesContent(options, env), redact: redactWith({ ...options, redactModule }) }
  } catch (error) {
    warn('AUREN leaves all content out', error)
    return { captureContent: false, redact: undefined }
  }
}
