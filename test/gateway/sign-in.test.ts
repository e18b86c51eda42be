import { generateKeyPairSync } from 'node:crypto'
import { connect as connectSocket } from 'node:net'
import { SignJWT, exportJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { anEvent } from '../support/events.ts'
import { aGateway, aToken, secret } from '../support/gateway.ts'
import { serveHttp } from '../support/http-server.ts'
import { until } from '../support/until.ts'
import { connectTo, signIn } from '../support/ws-client.ts'

const isoSeconds = (seconds: number) => new Date(seconds * 1000).toISOString().replace('Z', '+00:00')
const soon = () => Math.floor(Date.now() / 1000) + 3_600
const pem = (key: { export(options: { type: 'spki'; format: 'pem' }): string | Buffer }) =>
  key.export({ type: 'spki', format: 'pem' }).toString()

async function outcome(url: string, first: unknown) {
  const client = await connectTo(url)
  client.send(first)
  return Promise.race([client.next('connection_established'), client.closed()])
}

describe('signing in', () => {
  it('greets a client whose token is right with what holds for it', async () => {
    const { url } = await aGateway({ jwtSecret: secret })
    const token = await aToken({ tenant_id: 'team', permissions: ['all'], max_events_per_minute: 60 })
    expect(await outcome(url, { token, agent_filter: ['coach'], performance_threshold: 0.5 })).toMatchObject({
      type: 'connection_established',
      connection_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      server_time: expect.stringMatching(/\+00:00$/) as string,
      agent_filter: ['coach'],
      performance_threshold: 0.5,
      user_id: 'user-1',
      tenant_id: 'team',
      protocol_version: 0,
      limits: { messages_per_minute: 100, max_message_bytes: 1_048_576, max_events_per_minute: 60 },
    })
  })

  it.each([
    ['is no JSON', 'hello'],
    ['is a list', '[]'],
    ['is a number', '7'],
    ['is only spaces', ' '.repeat(10_000)],
    ['has no token', { agent_filter: [] }],
    ['has a number for a token', { token: 7 }],
    ['is longer than 64 KiB', { token: 'x', pad: 'x'.repeat(70_000) }],
    ['has a token longer than 8 KiB', { token: 'x'.repeat(9_000) }],
    ['has a test token although a key is set', { token: 'test' }],
    ['has a token that is no JWT', { token: 'a.b.c' }],
  ])('closes with 1008 auth_failed when the first message %s', async (_name, first) => {
    const { url } = await aGateway({ jwtSecret: secret })
    expect(await outcome(url, first)).toEqual({ code: 1008, reason: 'auth_failed' })
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })

  it.each<[string, Record<string, unknown>, string?]>([
    ['has expired', { exp: 1_700_000_000 }],
    ['has expired a moment ago', { exp: Math.floor(Date.now() / 1000) - 5 }],
    ['never expires', { exp: undefined }],
    ['is not valid yet', { nbf: soon() }],
    ['is signed with another key', {}, 'another secret of thirty-two bytes!!'],
    ['names no user', { user_id: undefined }],
    ['has a tenant that is no string', { tenant_id: 7 }],
    ['has an empty tenant', { tenant_id: '' }],
    ['has permissions that are no list', { permissions: 'all' }],
    ['has agents that are no list', { agents: 'coach' }],
    ['has a budget that is no number', { max_events_per_minute: '60' }],
    ['is for another audience', { aud: 'others' }],
    ['is for no audience', { aud: undefined }],
    ['is from another issuer', { iss: 'others' }],
    ['is from no issuer', { iss: undefined }],
  ])('closes with 1008 auth_failed when the token %s', async (_name, fault, key) => {
    const { url } = await aGateway({ jwtSecret: secret, jwtIssuer: 'auren', jwtAudience: 'gateway' })
    const good = { aud: 'gateway', iss: 'auren' }
    expect(await outcome(url, { token: await aToken(good) })).toMatchObject({ type: 'connection_established' })
    expect(await outcome(url, { token: await aToken({ ...good, ...fault }, key) })).toEqual({
      code: 1008,
      reason: 'auth_failed',
    })
  })

  it('refuses a token that says alg none', async () => {
    const { url } = await aGateway({ jwtSecret: secret })
    const token = unsigned({ user_id: 'user-1', exp: soon() })
    expect(await outcome(url, { token })).toEqual({ code: 1008, reason: 'auth_failed' })
  })

  it('refuses a token that was signed with the public key as if it were a secret', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const { url } = await aGateway({ jwtPublicKey: pem(publicKey) })
    const token = await aToken({}, pem(publicKey))
    expect(await outcome(url, { token })).toEqual({ code: 1008, reason: 'auth_failed' })
  })

  it.each([
    ['RS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['EdDSA', () => generateKeyPairSync('ed25519')],
  ] as const)('accepts %s, by public key and by JWKS', async (alg, generate) => {
    const { publicKey, privateKey } = generate()
    const token = await new SignJWT({ sub: 'user-2', exp: soon() })
      .setProtectedHeader({ alg, kid: 'k1' })
      .sign(privateKey)
    const byKey = await aGateway({ jwtPublicKey: pem(publicKey) })
    expect(await outcome(byKey.url, { token })).toMatchObject({ user_id: 'user-2' })
    const jwksUrl = await serveJson({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg }] })
    const bySet = await aGateway({ jwksUrl })
    expect(await outcome(bySet.url, { token })).toMatchObject({ user_id: 'user-2' })
  })

  it('takes keys from the configured set alone, by kid and kind, and does not ask for it again with each kid it lacks', async () => {
    const [own, other] = [
      generateKeyPairSync('rsa', { modulusLength: 2048 }),
      generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ]
    const shared = Buffer.from(secret).toString('base64url')
    const set = {
      keys: [
        { ...(await exportJWK(own.publicKey)), kid: 'k1' },
        { kty: 'oct', k: shared, kid: 'k2' },
      ],
    }
    const strangers = await serveJson({ keys: [{ ...(await exportJWK(other.publicKey)), kid: 'k3' }] })
    let asked = 0
    const { url } = await aGateway({ jwksUrl: await serveJson(() => ((asked += 1), set)) })
    const signed = (header: object, key: Parameters<SignJWT['sign']>[0] = other.privateKey) =>
      new SignJWT({ sub: 'ann', exp: soon() }).setProtectedHeader({ alg: 'RS256', ...header }).sign(key)
    const refused = [
      ...Array.from({ length: 20 }, (_, index) => signed({ kid: `unknown-${index}` })),
      signed({ kid: 'k1' }),
      signed({ kid: 'k3', jku: strangers }),
      signed({ kid: 'k1', jwk: await exportJWK(other.publicKey) }),
      signed({ kid: 'k2', alg: 'HS256' }, new TextEncoder().encode(secret)),
      signed({ kid: 'k1', alg: 'HS256' }, new TextEncoder().encode(pem(own.publicKey))),
    ]
    const status = async (token: string) =>
      (await fetch(`${url}/api/runs`, { headers: { authorization: `Bearer ${token}` } })).status
    expect(await status(await signed({ kid: 'k1' }, own.privateKey))).toBe(200)
    for (const token of refused) expect(await status(await token)).toBe(401)
    expect(await status(await signed({ kid: 'k1' }, own.privateKey))).toBe(200)
    expect(asked).toBe(1)
  })

  it('accepts test tokens where nobody set a key, as test_user who may see all', async () => {
    const { url } = await aGateway()
    expect(await outcome(url, { token: 'test_anything' })).toMatchObject({ user_id: 'test_user', tenant_id: null })
  })

  it('answers in order what a client says right behind its first message, without waiting for the greeting', async () => {
    const { url } = await aGateway({ jwtSecret: secret })
    const client = await connectTo(url)
    client.send({ token: await aToken(), subscriptions: ['llm_usage'] })
    client.send({ type: 'subscribe', subscription: 'tool_usage' })
    client.send({ type: 'ping' })
    await client.next('pong')
    expect(client.messages.map(({ type }) => type)).toEqual([
      'connection_established',
      'subscription_confirmed',
      'pong',
    ])
  })

  it('closes with 1008 auth_failed when more than 64 KiB come before the token is accepted', async () => {
    const { url } = await aGateway({ jwksUrl: await serveJson(new Promise(() => undefined)) })
    const { privateKey } = generateKeyPairSync('ed25519')
    const client = await connectTo(url)
    client.send({ token: await new SignJWT({ exp: soon() }).setProtectedHeader({ alg: 'EdDSA' }).sign(privateKey) })
    client.send({ type: 'ping', pad: 'x'.repeat(70_000) })
    expect(await client.closed()).toEqual({ code: 1008, reason: 'auth_failed' })
  })

  it('closes with 1008 auth_timeout when nothing is said', async () => {
    const { url } = await aGateway({ authTimeoutMs: 50 })
    expect(await (await connectTo(url)).closed()).toEqual({ code: 1008, reason: 'auth_timeout' })
  })

  it('closes with 1008 token_expired when the token expires meanwhile', async () => {
    const { url } = await aGateway({ jwtSecret: secret })
    const client = await connectTo(url)
    // Time for a busy machine to sign in.
    client.send({ token: await aToken({ exp: Math.floor(Date.now() / 1000) + 3 }) })
    await client.next('connection_established')
    expect(await client.closed()).toEqual({ code: 1008, reason: 'token_expired' })
  })

  it('keeps the connection of a client that refreshes its token in time, and says until when', async () => {
    const { url } = await aGateway({ jwtSecret: secret })
    const client = await connectTo(url)
    // Time for a busy machine to sign in and to refresh.
    const soonOver = Math.floor(Date.now() / 1000) + 4
    client.send({ token: await aToken({ exp: soonOver }), protocol_version: 1 })
    expect(await client.next('token_expiring')).toMatchObject({ expires_at: isoSeconds(soonOver) })
    const exp = soon()
    client.send({ type: 'refresh', token: await aToken({ exp }), request_id: 'r' })
    expect(await client.next('refreshed')).toMatchObject({ expires_at: isoSeconds(exp), request_id: 'r' })
    await until('the first token is over', () => Date.now() > soonOver * 1000 + 50)
    client.send({ type: 'ping' })
    await client.next('pong')
  })

  it('takes the budget of the new token for a connection that is refreshed, and fills none that stays the same', async () => {
    const { url, stream } = await aGateway({ jwtSecret: secret, heartbeatMs: 1_000 })
    const budget = (max?: number) => aToken({ permissions: ['all'], ...(max && { max_events_per_minute: max }) })
    const client = await signIn(url, { token: await budget(2), protocol_version: 1 })
    const missed = () => client.messages.reduce((sum, { missed: one }) => sum + Number(one ?? 0), 0)
    const some = () => stream.append([anEvent(), anEvent(), anEvent(), anEvent()])
    await some()
    await until('two of four are left out', () => missed() === 2)
    client.send({ type: 'refresh', token: await budget(2) })
    await client.next('refreshed')
    await some()
    await until('all of four are left out', () => missed() === 6)
    client.send({ type: 'refresh', token: await budget() })
    await client.next('refreshed', 1)
    await some()
    await client.next('stream_event', 5)
    expect(missed()).toBe(6)
  })

  it('says until when a token holds that holds for longer than dates go', async () => {
    const { url } = await aGateway({ jwtSecret: secret })
    const client = await signIn(url, { token: await aToken(), protocol_version: 1 })
    client.send({ type: 'refresh', token: await aToken({ exp: 9_999_999_999_999 }) })
    expect(await client.next('refreshed')).toMatchObject({ expires_at: '+275760-09-13T00:00:00.000+00:00' })
  })

  it.each([
    ['another user', { user_id: 'user-2' }],
    ['another tenant', { tenant_id: 'other' }],
    ['no time left', { exp: 1_700_000_000 }],
  ])('closes with 1008 auth_failed when a refresh is for %s', async (_name, claims) => {
    const { url } = await aGateway({ jwtSecret: secret })
    const client = await signIn(url, { token: await aToken(), protocol_version: 1 })
    client.send({ type: 'refresh', token: await aToken(claims) })
    expect(await client.closed()).toEqual({ code: 1008, reason: 'auth_failed' })
  })

  it('tells a client of v1 which field of its first message was ignored, and lets it in', async () => {
    const { url } = await aGateway()
    const client = await signIn(url, {
      protocol_version: 1,
      performance_threshold: 7,
      subscriptions: ['tool_usage', 'nope'],
    })
    expect(await client.next('connection_established')).toMatchObject({
      performance_threshold: 0,
      subscriptions: ['tool_usage'],
    })
    expect(await client.next('error')).toMatchObject({ code: 'unknown_subscription' })
    expect(await client.next('error', 1)).toMatchObject({
      code: 'invalid_message',
      message: 'performance_threshold is invalid and was ignored',
    })
  })

  it('goes on when a thousand clients vanish while their token is checked', async () => {
    const room = { connectionsPerSecond: 10_000, maxPendingPerAddress: 1_000 }
    const { url } = await aGateway({ jwtSecret: secret, ...room })
    const headers = { authorization: `Bearer ${await aToken({ permissions: ['metrics'] })}` }
    const { port } = new URL(url)
    await Promise.all(Array.from({ length: 1_000 }, () => upgradeAndReset(Number(port))))
    expect(await outcome(url, { token: await aToken() })).toMatchObject({ type: 'connection_established' })
    await until('their connections are forgotten', async () => {
      return /^auren_gateway_connections 1$/m.test(await (await fetch(`${url}/metrics`, { headers })).text())
    })
  })
})

function unsigned(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`
}

/** Answers when there is a body. */
async function serveJson(body: object | Promise<object> | (() => object)): Promise<string> {
  const origin = await serveHttp((_request, response) => {
    void Promise.resolve(typeof body === 'function' ? body() : body).then((json) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(json)),
    )
  })
  return `${origin}/keys`
}

/** Sends an upgrade and a first frame, and cuts the connection with a reset. */
function upgradeAndReset(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connectSocket(port, '127.0.0.1', () => {
      socket.write(
        'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      )
      setImmediate(() => socket.resetAndDestroy())
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
  })
}
