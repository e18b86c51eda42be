import { homedir } from 'node:os'
import { join } from 'node:path'
import { AurenError } from '../errors.ts'
import type { EventStream } from './event-stream.ts'
import { HybridStream } from './hybrid.ts'
import type { HybridOptions } from './hybrid.ts'
import { kafkaSettings } from './kafka-settings.ts'
import { invalidUrl } from './stream-url.ts'
import { UrlOptions } from './url-options.ts'

export interface OpenStreamOptions extends HybridOptions {
  /** Whether open connections keep the process alive, default true. An agent's exporter says false. */
  readonly holdsProcess?: boolean
  /** Whether the position of an append lets losses behind it be counted (Redis), default true. An agent's exporter says false. */
  readonly countsAppends?: boolean
  /** Milliseconds that a server has for an answer before it is taken for dead, default 5,000; 30,000 for an append to Kafka. */
  readonly timeoutMs?: number
}

/** Streams of Redis that one may consist of: a position, which goes with each event, has some 35 bytes for each. */
const maxStreams = 16

/**
 * Opens the stream a URL names: `redis://…`, `rediss://…` (both with `+sentinel` or `+cluster`) or `sqlite:path`, each with `?maxlen=` and Redis with `?stream=` and
 * `?streams=`, or
 * `kafka://…/topic` with the options of docs/streams.md, or a list of them with commas, of which the first is read and all
 * are written. Without a URL `AUREN_STREAM_URL` decides, else it is `~/.auren/events.db`. Connects on first use. Drivers are loaded when
 * they are needed. Rejects with AUREN_STREAM_URL_INVALID, which never repeats a URL, since one may hold a password.
 */
export async function openStream(url?: string, options: OpenStreamOptions = {}): Promise<EventStream> {
  const [text, ...more] = streamUrls(url)
  if (more.length > 0) return openHybrid([text, ...more], options)
  if (text.startsWith('sqlite:')) return openSqlite(text)
  if (/^rediss?(?:\+sentinel|\+cluster)?:\/\//.test(text)) return openRedis(text, options)
  if (text.startsWith('kafka://')) return openKafka(text, options)
  throw invalidUrl(`it begins with ${JSON.stringify(schemeOf(text))}`)
}

/**
 * The URLs that are meant: of the given list, else of `AUREN_STREAM_URL`, else the file in the home folder. A comma divides
 * where a URL follows it: brokers of Kafka have commas between them, too.
 */
export function streamUrls(list?: string): readonly [string, ...string[]] {
  const file = `sqlite:${join(homedir(), '.auren', 'events.db')}`
  const text = list?.trim() || process.env['AUREN_STREAM_URL']?.trim() || file
  const [first = file, ...more] = text.split(/\s*,\s*(?=[a-z][a-z0-9+.-]*:\/\/|sqlite:)/i)
  return [first, ...more]
}

async function openHybrid(urls: readonly [string, ...string[]], options: OpenStreamOptions): Promise<EventStream> {
  const opened: EventStream[] = []
  try {
    for (const url of urls) opened.push(await openStream(url, options))
    return new HybridStream(opened as [EventStream, ...EventStream[]], options)
  } catch (error) {
    await Promise.all(opened.map((stream) => stream.close()))
    throw error
  }
}

async function openSqlite(url: string): Promise<EventStream> {
  const [path, query = ''] = url.slice('sqlite:'.length).split('?')
  if (!path || /^\/\/(?!\/)/.test(path)) {
    throw invalidUrl('after sqlite: comes a path, as in sqlite:events.db or sqlite:/var/lib/events.db')
  }
  const maxLength = maxLengthOf(new UrlOptions(query))
  const { sqliteStream } = await import('./sqlite.ts')
  // Nobody else replaces the tilde where no shell reads the variable.
  const file = path.replace(/^\/\/(?=\/)/, '').replace(/^~(?=\/)/, homedir())
  return sqliteStream(file, { maxLength })
}

async function openRedis(url: string, options: OpenStreamOptions): Promise<EventStream> {
  const [address = '', query = ''] = url.split('?')
  const given = new UrlOptions(query)
  const key = given.take('stream') || 'auren:events'
  const streams = given.whole('streams', 1, maxStreams)
  if (streams > 1 && key.includes('{'))
    throw invalidUrl('a stream in several keys has no braces of its own: they say where a cluster puts each')
  const maxLength = maxLengthOf(given)
  const { redisStream } = await import('./redis.ts')
  return redisStream(address + given.rest, { ...options, key, streams, maxLength })
}

async function openKafka(url: string, options: OpenStreamOptions): Promise<EventStream> {
  const settings = kafkaSettings(url, options)
  try {
    const { KafkaStream } = await import('./kafka.ts')
    return new KafkaStream(settings)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new AurenError('AUREN_KAFKA_CLIENT_MISSING', { cause: error })
  }
}

function maxLengthOf(given: UrlOptions): number {
  return given.whole('maxlen', 50_000, 999_999_999)
}

/** What stands before the first colon; a list or a URL without a scheme could hold a secret further on. */
function schemeOf(text: string): string {
  return /^[a-z0-9+.-]{1,20}:/i.exec(text)?.[0] ?? 'no scheme'
}
