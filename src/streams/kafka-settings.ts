import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { BaseOptions, CompressionAlgorithmValue } from '@platformatic/kafka'
import { decodePart, invalidUrl, parseStreamUrl } from './stream-url.ts'
import type { StreamUrl } from './stream-url.ts'
import { UrlOptions } from './url-options.ts'

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
  const given = new UrlOptions(parts.query)
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
      partitions: given.whole('partitions', 3, 99_999),
      replication: given.whole('replication', -1, 99_999),
      retentionMs: given.duration('retention', 7 * 86_400_000),
    },
  }
  given.assertAllKnown()
  return settings
}

function securityOf({ user, password = '', hosts }: StreamUrl, given: UrlOptions) {
  const mechanism = mechanisms.get(given.oneOf('sasl', mechanisms, 'plain'))
  const ca = given.take('ca')
  const usesTls = given.oneOf('tls', new Set(['true', 'false']), ca === undefined ? 'false' : 'true') === 'true'
  const isNamed = hosts.some((broker) => isIP(broker.replace(/:\d+$/, '')) === 0)
  return {
    ...(user === '' || mechanism === undefined ? {} : { sasl: { mechanism, username: user, password } }),
    ...(usesTls ? { tls: ca === undefined ? {} : { ca: fileText(ca) }, tlsServerName: isNamed } : {}),
  }
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw invalidUrl('the file of ca cannot be read')
  }
}
