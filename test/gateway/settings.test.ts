import { describe, expect, it } from 'vitest'
import { createAuthenticator } from '../../src/gateway/authenticator.ts'
import { resolveGateway } from '../../src/gateway/settings.ts'
import type { GatewayOptions } from '../../src/gateway/settings.ts'
import { secret } from '../support/gateway.ts'

const failure = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    return error as Error & { readonly code: string }
  }
  throw new Error('it did not fail')
}

describe('the settings of the gateway', () => {
  it('takes code before environment before default, and blank for unset', () => {
    const env = { AUREN_GATEWAY_MAX_CONNECTIONS: '7', AUREN_GATEWAY_MESSAGES_PER_MINUTE: ' ', AUREN_JWT_SECRET: secret }
    expect(resolveGateway({ maxConnections: 3 }, env)).toMatchObject({ maxConnections: 3, messagesPerMinute: 100 })
    expect(resolveGateway({}, env)).toMatchObject({
      maxConnections: 7,
      jwtSecret: secret,
      port: 8765,
      host: '127.0.0.1',
    })
  })

  it.each<[GatewayOptions, Record<string, string>, string]>([
    [{ port: 70_000 }, {}, 'port'],
    [{ port: -1 }, {}, 'port'],
    [{ maxConnections: 0 }, {}, 'maxConnections'],
    [{ heartbeatMs: NaN }, {}, 'heartbeatMs'],
    [{ prot: 1 } as GatewayOptions, {}, 'prot'],
    [{}, { AUREN_DAILY_BUDGET_USD: '20 $' }, 'AUREN_DAILY_BUDGET_USD'],
    [{ dailyBudgetUsd: 0 }, {}, 'dailyBudgetUsd'],
    [{}, { AUREN_GATEWAY_MAX_CONNECTIONS: 'many' }, 'AUREN_GATEWAY_MAX_CONNECTIONS'],
    [{ jwtSecret: secret }, { AUREN_JWKS_URL: 'https://keys' }, 'AUREN_JWKS_URL'],
  ])('refuses %j with %j and names what is wrong', (options, env, name) => {
    const error = failure(() => resolveGateway(options, env))
    expect(error.code).toBe('AUREN_OPTIONS_INVALID')
    expect(error.message).toContain(name)
    expect(error.message).not.toContain(secret)
  })

  it.each(['0.0.0.0', '::', '192.168.1.7', 'example.org', '127.example.org'])(
    'refuses to listen on %s without a key',
    (host) => {
      expect(failure(() => resolveGateway({ host }, {})).code).toBe('AUREN_GATEWAY_INSECURE')
      expect(resolveGateway({ host, jwtSecret: secret }, {}).host).toBe(host)
    },
  )

  it.each<[string, GatewayOptions]>([
    ['a short secret', { jwtSecret: 'short-and-secret' }],
    ['a public key that is none', { jwtPublicKey: 'short-and-secret' }],
    ['a JWKS URL without TLS', { jwksUrl: 'http://keys.example/short-and-secret' }],
    ['a JWKS URL that is none', { jwksUrl: 'short-and-secret' }],
  ])('refuses %s without repeating it', (_name, options) => {
    const error = failure(() => createAuthenticator(resolveGateway(options, {})))
    expect(error.code).toBe('AUREN_GATEWAY_KEY_INVALID')
    expect(error.message).not.toContain('short-and-secret')
  })
})
