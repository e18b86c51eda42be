import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import type { JWTPayload, JWTVerifyGetKey, JWTVerifyOptions, JWTVerifyResult } from 'jose'
import { AurenError } from '../errors.ts'
import { maxTime } from '../events/timestamp.ts'
import { isPermission } from '../protocol/permissions.ts'
import type { Principal } from './principal.ts'
import { acceptsTestTokens, isLoopback } from './settings.ts'
import type { GatewaySettings } from './settings.ts'

/**
 * Token → principal. Rejects with AUREN_AUTH_FAILED, the same for every reason, or with AUREN_KEYS_UNAVAILABLE where the
 * token may be good but its key cannot be fetched now.
 */
export type Authenticate = (token: string) => Promise<Principal>

/** Longest token that is looked at, in characters. */
const maxTokenLength = 8_192
/** HS256 needs a key as long as its hash (RFC 7518 §3.2). */
const minSecretBytes = 32
/** Seconds by which the clock of who issues tokens may be ahead: for `nbf`. What has expired here has expired. */
const clockTolerance = 60
/** Milliseconds that fetching a key set may take; jose keeps it for 10 min and asks for a new key at most every 30 s. */
const keysTimeoutMs = 5_000

/** Kinds of tokens that say who somebody is (RFC 8725 §3.11); others, such as those for a logout, are none of ours. */
const tokenTypes: ReadonlySet<string | undefined> = new Set([undefined, 'jwt', 'at+jwt', 'application/at+jwt'])

type Verify = (token: string) => Promise<JWTVerifyResult>

/** Throws AUREN_GATEWAY_KEY_INVALID when the configured key is unusable. */
export function createAuthenticator(
  settings: GatewaySettings,
  isRevoked: (principal: Principal) => boolean = () => false,
): Authenticate {
  const verify = createVerify(settings)
  const testTokens = acceptsTestTokens(settings)
  return async (token) => {
    if (testTokens && token.startsWith('test')) return testPrincipal
    if (verify === undefined || token.length > maxTokenLength) throw new AurenError('AUREN_AUTH_FAILED')
    try {
      const { payload, protectedHeader } = await verify(token)
      const principal = toPrincipal(payload)
      const isOver = principal.expiresAt !== null && principal.expiresAt <= Date.now()
      const isOurs = tokenTypes.has(protectedHeader.typ?.toLowerCase())
      if (!isOurs || isOver || isRevoked(principal)) throw new Error('not accepted')
      return principal
    } catch (cause) {
      throw cause instanceof AurenError ? cause : new AurenError('AUREN_AUTH_FAILED', { cause })
    }
  }
}

/** Who a test token speaks for. */
export const testPrincipal: Principal = {
  userId: 'test_user',
  tenantId: null,
  permissions: new Set(['all', 'ingest']),
  agents: null,
  expiresAt: null,
  maxEventsPerMinute: null,
}

/** The algorithms are pinned by the kind of key, so that a public key can never be used as an HS256 secret. */
function createVerify(settings: GatewaySettings): Verify | undefined {
  const { jwtSecret, jwtPublicKey, jwksUrl, jwtIssuer, jwtAudience } = settings
  const required: JWTVerifyOptions = {
    requiredClaims: ['exp'],
    clockTolerance,
    ...(jwtIssuer === undefined ? {} : { issuer: jwtIssuer }),
    ...(jwtAudience === undefined ? {} : { audience: jwtAudience }),
  }
  const verifyWith = (key: Uint8Array | KeyObject, algorithms: string[]): Verify => {
    return (token) => jwtVerify(token, key, { ...required, algorithms })
  }
  if (jwtSecret !== undefined) return verifyWith(secretKey(jwtSecret), ['HS256'])
  if (jwtPublicKey !== undefined) {
    const key = publicKey(jwtPublicKey)
    return verifyWith(key, algorithmsOf(key))
  }
  if (jwksUrl === undefined) return undefined
  const keys = remoteKeys(jwksUrl)
  const algorithms = ['RS256', 'ES256', 'EdDSA']
  return (token) => jwtVerify(token, keys, { ...required, algorithms })
}

function secretKey(secret: string): Uint8Array {
  const bytes = new TextEncoder().encode(secret)
  if (bytes.length < minSecretBytes) throw keyInvalid(`the secret has fewer than ${minSecretBytes} bytes`)
  return bytes
}

function publicKey(pem: string): KeyObject {
  try {
    return createPublicKey(pem.replaceAll('\\n', '\n'))
  } catch {
    throw keyInvalid('the public key is no PEM')
  }
}

function algorithmsOf(key: KeyObject): string[] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= 2048) return ['RS256']
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return ['ES256']
  if (type === 'ed25519') return ['EdDSA']
  throw keyInvalid('the public key is to be RSA of 2048 bits or more, EC P-256 or Ed25519')
}

function remoteKeys(text: string): JWTVerifyGetKey {
  const url = URL.parse(text)
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))
  if (url === null || !secure) throw keyInvalid('the JWKS URL is to begin with https://')
  const keys = createRemoteJWKSet(url, { timeoutDuration: keysTimeoutMs })
  return async (header, token) => {
    try {
      return await keys(header, token)
    } catch (error) {
      // A key that is not in the set, or no single one: the token is at fault.
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error
      throw new AurenError('AUREN_KEYS_UNAVAILABLE', { cause: error })
    }
  }
}

function keyInvalid(detail: string): AurenError {
  return new AurenError('AUREN_GATEWAY_KEY_INVALID', { detail })
}

/** Claims of contract §4. A claim of the wrong type refuses the token rather than being read as something else. */
function toPrincipal(claims: JWTPayload): Principal {
  const userId = claims['user_id'] ?? claims.sub
  const tenantId = claims['tenant_id'] ?? null
  const perMinute = claims['max_events_per_minute'] ?? null
  if (typeof userId !== 'string' || userId === '') throw new Error('no user')
  // The stream has no other way to say that there is no tenant than the empty text.
  if (tenantId !== null && (typeof tenantId !== 'string' || tenantId === '')) throw new Error('tenant_id names nobody')
  if (perMinute !== null && (typeof perMinute !== 'number' || !(perMinute > 0))) throw new Error('bad budget')
  const agents = claims['agents'] === undefined ? null : new Set(stringList(claims['agents']))
  return {
    userId,
    tenantId,
    permissions: new Set(stringList(claims['permissions'] ?? []).filter(isPermission)),
    agents,
    // Some tokens that are to hold for ever say more than a date can.
    expiresAt: Math.min(Number(claims.exp) * 1000, maxTime),
    token: { id: textOf(claims.jti), issuedAt: typeof claims.iat === 'number' ? claims.iat : null },
    maxEventsPerMinute: perMinute,
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function stringList(value: unknown): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw new Error('not a list of strings')
}
