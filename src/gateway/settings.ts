import { isIP } from 'node:net'
import { AurenError } from '../errors.ts'
import type { RedactOptions } from '../exporters/redact-hook.ts'
import type { EventStream } from '../streams/event-stream.ts'

export interface GatewayOptions extends RedactOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 8765; 0 takes a free port. */
  readonly port?: number
  /** URL of the event stream, several with commas, or an open stream, which then stays open. Default `AUREN_STREAM_URL`, else an SQLite file. */
  readonly stream?: string | EventStream
  /** Milliseconds for which the first of several streams may be unreadable before the next is read. Default `AUREN_GATEWAY_FALL_BACK_MS`, else for ever. */
  readonly fallBackMs?: number
  /** Accepts tokens that begin with `test` as user `test_user` with permission `all`, whatever keys are set. Default false. */
  readonly dev?: boolean
  /** HS256 secret of at least 32 bytes. Default `AUREN_JWT_SECRET`. */
  readonly jwtSecret?: string
  /** PEM of an RSA, EC or Ed25519 public key. Default `AUREN_JWT_PUBLIC_KEY`. */
  readonly jwtPublicKey?: string
  /** Default `AUREN_JWKS_URL`. */
  readonly jwksUrl?: string
  /** Required `iss` of tokens. Default `AUREN_JWT_ISSUER`, else any. */
  readonly jwtIssuer?: string
  /** Required `aud` of tokens. Default `AUREN_JWT_AUDIENCE`, else any. */
  readonly jwtAudience?: string
  /** Path of the list of revoked tokens (docs/security.md). Default `AUREN_JWT_REVOCATIONS_FILE`, else none. */
  readonly revocationsFile?: string
  /** Origins of browsers that may connect, besides the gateway's own. Default `AUREN_GATEWAY_ALLOWED_ORIGINS`, by comma. */
  readonly allowedOrigins?: readonly string[]
  /** Port of `/metrics` and of the reasons of `/readyz`, without a token; 0 takes a free one. Default none. */
  readonly opsPort?: number
  /** Address of that port, default 127.0.0.1. */
  readonly opsHost?: string
  /** Addresses or networks of proxies whose word on the client's address counts, by comma. Default none. */
  readonly trustProxy?: string
  /** Path of a file with prices of private models (docs/cost.md). Default `AUREN_PRICES_FILE`, else none. */
  readonly pricesFile?: string
  /** Connections at once, default 1,000. */
  readonly maxConnections?: number
  /** Default 20. */
  readonly maxConnectionsPerUser?: number
  /** Connections of one tenant, default any number. */
  readonly maxConnectionsPerTenant?: number
  /** Connections from one address that have not shown a token yet, default 100. */
  readonly maxPendingPerAddress?: number
  /** New connections a second, default 100. */
  readonly connectionsPerSecond?: number
  /** Inbound messages of one connection a minute, default 100. */
  readonly messagesPerMinute?: number
  /** Default 1 MiB. */
  readonly maxMessageBytes?: number
  /** Milliseconds for the first message, default 10,000. */
  readonly authTimeoutMs?: number
  /** Milliseconds between pings, default 25,000; a connection silent for more than twice that is dead. */
  readonly heartbeatMs?: number
  /** Milliseconds between performance summaries, default 30,000. */
  readonly summaryMs?: number
  /** Bytes of the newest events kept in memory for those who read slowly or come back, default 64 MiB. */
  readonly windowBytes?: number
  /** Milliseconds in which a client is to take what waits for it, 64 KiB or one larger event, before it is let go; default 30,000. */
  readonly stallMs?: number
  /** Milliseconds for which a gateway that is to end says so on `/readyz`, and serves everybody, before it sends them away; default 0. */
  readonly drainDelayMs?: number
  /** Milliseconds over which the connections are sent away at the most when the gateway is closed, default 20,000. */
  readonly drainMs?: number
  /** US dollars that all agents together may spend a day, shown to alerts and boards. Default `AUREN_DAILY_BUDGET_USD`, else none. */
  readonly dailyBudgetUsd?: number
  /** Called when somebody who may see everything asks for a demo on the live page. Default none: the page then offers none. */
  readonly startDemo?: () => void
}

/** Where an option may come from besides the code. */
const variables = {
  jwtSecret: 'AUREN_JWT_SECRET',
  jwtPublicKey: 'AUREN_JWT_PUBLIC_KEY',
  jwksUrl: 'AUREN_JWKS_URL',
  jwtIssuer: 'AUREN_JWT_ISSUER',
  jwtAudience: 'AUREN_JWT_AUDIENCE',
  revocationsFile: 'AUREN_JWT_REVOCATIONS_FILE',
  allowedOrigins: 'AUREN_GATEWAY_ALLOWED_ORIGINS',
  fallBackMs: 'AUREN_GATEWAY_FALL_BACK_MS',
  opsPort: 'AUREN_GATEWAY_OPS_PORT',
  opsHost: 'AUREN_GATEWAY_OPS_HOST',
  trustProxy: 'AUREN_GATEWAY_TRUST_PROXY',
  pricesFile: 'AUREN_PRICES_FILE',
  redactModule: 'AUREN_REDACT_MODULE',
  dailyBudgetUsd: 'AUREN_DAILY_BUDGET_USD',
  maxConnections: 'AUREN_GATEWAY_MAX_CONNECTIONS',
  maxConnectionsPerUser: 'AUREN_GATEWAY_MAX_CONNECTIONS_PER_USER',
  maxConnectionsPerTenant: 'AUREN_GATEWAY_MAX_CONNECTIONS_PER_TENANT',
  maxPendingPerAddress: 'AUREN_GATEWAY_MAX_PENDING_PER_ADDRESS',
  connectionsPerSecond: 'AUREN_GATEWAY_CONNECTIONS_PER_SECOND',
  messagesPerMinute: 'AUREN_GATEWAY_MESSAGES_PER_MINUTE',
  maxMessageBytes: 'AUREN_GATEWAY_MAX_MESSAGE_BYTES',
  drainDelayMs: 'AUREN_GATEWAY_DRAIN_DELAY_MS',
} as const satisfies Partial<Record<keyof GatewayOptions, string>>

const defaults = {
  host: '127.0.0.1',
  port: 8765,
  dev: false,
  allowedOrigins: [] as readonly string[],
  opsHost: '127.0.0.1',
  maxConnections: 1_000,
  maxConnectionsPerUser: 20,
  maxPendingPerAddress: 100,
  connectionsPerSecond: 100,
  messagesPerMinute: 100,
  maxMessageBytes: 1_048_576,
  authTimeoutMs: 10_000,
  heartbeatMs: 25_000,
  summaryMs: 30_000,
  windowBytes: 67_108_864,
  stallMs: 30_000,
  drainDelayMs: 0,
  drainMs: 20_000,
}

export type GatewaySettings = Readonly<typeof defaults & Omit<GatewayOptions, keyof typeof defaults>>

const optionNames: ReadonlySet<string> = new Set([
  ...Object.keys(defaults),
  ...Object.keys(variables),
  'stream',
  'redact',
  'startDemo',
])

/** Whole numbers without a default. */
const optionalNumbers: ReadonlySet<string> = new Set(['opsPort', 'fallBackMs', 'maxConnectionsPerTenant'])

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Given in code > environment > default; undefined and blank never override. Throws AUREN_OPTIONS_INVALID, which names the
 * option and what is expected, and AUREN_GATEWAY_INSECURE where anybody on the network could read without a key.
 */
export function resolveGateway(options: GatewayOptions, env: Environment): GatewaySettings {
  for (const name of Object.keys(options)) if (!optionNames.has(name)) throw invalid(`${name} is not known`)
  const settings = { ...defaults, ...fromEnvironment(env), ...defined(options) }
  checkNumbers(settings)
  for (const origin of settings.allowedOrigins) checkOrigin(origin)
  const keys = (['jwtSecret', 'jwtPublicKey', 'jwksUrl'] as const).filter((name) => settings[name] !== undefined)
  if (keys.length > 1) throw invalid(`only one of ${keys.map((key) => variables[key]).join(', ')} may be set`)
  if (keys.length === 0 && !isLoopback(settings.host)) throw new AurenError('AUREN_GATEWAY_INSECURE')
  for (const name of ['jwtIssuer', 'jwtAudience', 'revocationsFile'] as const) {
    if (keys.length === 0 && settings[name]) throw invalid(`${variables[name]} is of no use without a key`)
  }
  return Object.freeze(settings)
}

/** Whether test tokens are accepted: in development, or where nobody set a key and nobody else can connect. */
export function acceptsTestTokens(settings: GatewaySettings): boolean {
  return settings.dev || !hasKey(settings)
}

export function hasKey({ jwtSecret, jwtPublicKey, jwksUrl }: GatewaySettings): boolean {
  return (jwtSecret ?? jwtPublicKey ?? jwksUrl) !== undefined
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function fromEnvironment(env: Environment): Partial<GatewayOptions> {
  const found: Record<string, string | number | readonly string[]> = {}
  for (const [option, variable] of Object.entries(variables)) {
    const text = env[variable]?.trim()
    if (!text) continue
    if (option === 'allowedOrigins') found[option] = text.split(/\s*,\s*/)
    else if (option === 'dailyBudgetUsd') found[option] = Number(text)
    else found[option] = isWhole(option) ? numberFrom(variable, text) : text
  }
  return found
}

function isWhole(option: string): boolean {
  return optionalNumbers.has(option) || typeof (defaults as Readonly<Record<string, unknown>>)[option] === 'number'
}

function numberFrom(variable: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value)) return value
  throw invalid(`${variable} is to be a whole number`)
}

function checkNumbers(settings: Readonly<Record<string, unknown>>): void {
  for (const name of optionNames) {
    const value = settings[name]
    if (!isWhole(name) || (optionalNumbers.has(name) && value === undefined)) continue
    const isPort = name === 'port' || name === 'opsPort'
    const least = isPort || name === 'drainDelayMs' ? 0 : 1
    if (!Number.isInteger(value) || Number(value) < least)
      throw invalid(`${name} is to be a whole number from ${least}`)
    if (isPort && Number(value) > 65_535) throw invalid(`${name} is to be at most 65535`)
  }
  const budget = settings['dailyBudgetUsd']
  if (budget !== undefined && !(Number(budget) > 0 && Number.isFinite(budget)))
    throw invalid(`dailyBudgetUsd (${variables.dailyBudgetUsd}) is to be a number of US dollars above 0`)
}

/** An origin is exactly what a browser sends: no path, no wildcard. */
function checkOrigin(origin: string): void {
  const url = URL.parse(origin)
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.origin !== origin.replace(/\/$/, '')) {
    throw invalid('allowedOrigins are to be origins such as https://auren.example')
  }
}

function defined(options: GatewayOptions): Partial<GatewayOptions> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== ''))
}

function invalid(detail: string): AurenError {
  return new AurenError('AUREN_OPTIONS_INVALID', { detail })
}
