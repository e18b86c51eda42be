import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { BaseOptions, CompressionAlgorithmValue } from '@platformatic/kafka'
import { decodePart, invalidUrl, parseStreamUrl } from './stream-url.ts'
import type { StreamUrl } from './stream-url.ts'

export interface KafkaStreamOptions {
  /** Whether open connections keep the process alive, default true. */
  readonly holdsProcess?: boolean
  /** Milliseconds that the brokers have for one answer, default 5,000; for an append 30,000, or 5,000 of an agent. */
  readonly timeoutMs?: number
}

export interface KafkaSettings {
  /** The URL without its credentials and options. */
  readonly name: string
  readonly topic: string
  readonly connection: BaseOptions
  readonly holdsProcess: boolean
  readonly compression: CompressionAlgorithmValue
  /** Milliseconds that the brokers have for one answer to an append. */
  readonly appendMs: number
  /** Milliseconds that they have for anything else. */
  readonly answerMs: number
  readonly creation: TopicCreation
}

/** How a topic is made that is missing when the first event is written. */
export interface TopicCreation {
  readonly partitions: number
  /** -1: what the brokers are configured for. */
  readonly replication: number
  readonly retentionMs: number
}

const host = /^(?:[a-z0-9._-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/i
const compressions: ReadonlySet<string> = new Set(['none', 'gzip', 'snappy', 'lz4', 'zstd'])
const mechanisms: ReadonlyMap<string, 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'> = new Map([
  ['plain', 'PLAIN'],
  ['scram-sha-256', 'SCRAM-SHA-256'],
  ['scram-sha-512', 'SCRAM-SHA-512'],
])
const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * `kafka://[user:password@]host[:port][,host[:port]…][/topic][?…]` with the options `partitions` (of a topic made here, default
 * 3), `replication` (default the brokers'), `retention` (`90m`, `12h`, `7d`; default 7 days), `compression` (`gzip`, `snappy`,
 * `lz4`, `zstd`; default none), `sasl` (`plain`, `scram-sha-256`, `scram-sha-512`; default plain), `tls=true` and `ca` (path of
 * a PEM file, which implies TLS). Throws AUREN_STREAM_URL_INVALID, which never repeats the URL.
 */
export function kafkaSettings(url: string, options: KafkaStreamOptions): KafkaSettings {
  const parts = parseStreamUrl(url, 'kafka://broker:9092/topic')
  const brokers = [...parts.hosts]
  if (!brokers.every((broker) => host.test(broker))) throw invalidUrl('each broker is to be host or host:port')
  const topic = decodePart(parts.path) || 'auren-events'
  if (!/^[\w.-]{1,249}$/.test(topic)) throw invalidUrl('a topic has letters, digits, dots, dashes and underscores')
  const given = new Parameters(parts.query)
  const { holdsProcess = true, timeoutMs } = options
  const settings: KafkaSettings = {
    name: `kafka://${brokers.join(',')}/${topic}`,
    topic,
    holdsProcess,
    connection: { clientId: 'auren', bootstrapBrokers: brokers, ...securityOf(parts, given) },
    compression: given.oneOf('compression', compressions, 'none') as CompressionAlgorithmValue,
    // The client's timers hold the process, so that an agent that ends must not wait for a silent broker for long.
    appendMs: timeoutMs ?? (holdsProcess ? 30_000 : 5_000),
    answerMs: timeoutMs ?? 5_000,
    creation: {
      partitions: given.whole('partitions', 3),
      replication: given.whole('replication', -1),
      retentionMs: given.duration('retention', 7 * 86_400_000),
    },
  }
  given.assertAllKnown()
  return settings
}

function securityOf({ user, password = '', hosts }: StreamUrl, given: Parameters) {
  const mechanism = mechanisms.get(given.oneOf('sasl', mechanisms, 'plain'))
  const ca = given.take('ca')
  const usesTls = given.oneOf('tls', new Set(['true', 'false']), ca === undefined ? 'false' : 'true') === 'true'
  const isNamed = hosts.some((broker) => isIP(broker.replace(/:\d+$/, '')) === 0)
  return {
    ...(user === '' || mechanism === undefined ? {} : { sasl: { mechanism, username: user, password } }),
    ...(usesTls ? { tls: ca === undefined ? {} : { ca: fileText(ca) }, tlsServerName: isNamed } : {}),
  }
}

/** The query of a URL, each part of which has to be known. */
class Parameters {
  readonly #values: URLSearchParams

  constructor(query: string) {
    this.#values = new URLSearchParams(query)
  }

  take(name: string): string | undefined {
    const value = this.#values.get(name)
    this.#values.delete(name)
    return value ?? undefined
  }

  oneOf(name: string, allowed: { has(value: string): boolean; keys(): Iterable<string> }, otherwise: string): string {
    const value = this.take(name)?.toLowerCase() ?? otherwise
    if (!allowed.has(value)) throw invalidUrl(`${name} is to be one of ${[...allowed.keys()].join(', ')}`)
    return value
  }

  whole(name: string, otherwise: number): number {
    const text = this.take(name)
    if (text === undefined) return otherwise
    if (!/^[1-9]\d{0,4}$/.test(text)) throw invalidUrl(`${name} is to be a whole number above 0`)
    return Number(text)
  }

  duration(name: string, otherwise: number): number {
    const text = this.take(name)
    if (text === undefined) return otherwise
    const [, count, unit = ''] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? []
    if (count === undefined) throw invalidUrl(`${name} is to be like 90m, 12h or 7d`)
    return Number(count) * (unitMs[unit] ?? 0)
  }

  assertAllKnown(): void {
    const [unknown] = this.#values.keys()
    if (unknown !== undefined) throw invalidUrl('an option is not known; docs/streams.md lists them')
  }
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw invalidUrl('the file of ca cannot be read')
  }
}
