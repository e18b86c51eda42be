import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect as connectSocket } from 'node:net'
import { SignJWT, exportJWK } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { aGateway, aToken, secret } from '../support/gateway.ts'
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

  it.each<[string, () => Promise<string>]>([
    ['has expired', () => aToken({ exp: 1_700_000_000 })],
    ['never expires', () => aToken({ exp: undefined })],
    ['is not valid yet', () => aToken({ nbf: soon() })],
    ['is signed with another key', () => aToken({}, 'another secret of thirty-two bytes!!')],
    ['names no user', () => aToken({ user_id: undefined })],
    ['has a tenant that is no string', () => aToken({ tenant_id: 7 })],
    ['has permissions that are no list', () => aToken({ permissions: 'all' })],
    ['is for another audience', () => aToken({ aud: 'others', iss: 'auren' })],
    ['is from another issuer', () => aToken({ aud: 'gateway', iss: 'others' })],
    [
      'says alg none',
      () => Promise.resolve(unsigned({ user_id: 'user-1', aud: 'gateway', iss: 'auren', exp: soon() })),
    ],
  ])('closes with 1008 auth_failed when the token %s', async (_name, make) => {
    const { url } = await aGateway({ jwtSecret: secret, jwtIssuer: 'auren', jwtAudience: 'gateway' })
    const good = await aToken({ aud: 'gateway', iss: 'auren' })
    expect(await outcome(url, { token: good })).toMatchObject({ type: 'connection_established' })
    expect(await outcome(url, { token: await make() })).toEqual({ code: 1008, reason: 'auth_failed' })
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
    // Within the tolerance for clocks the token is accepted, and then has no time left.
    const client = await connectTo(url)
    client.send({ token: await aToken({ exp: Math.floor(Date.now() / 1000) + 1 }) })
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
async function serveJson(body: object | Promise<object>): Promise<string> {
  const server = createServer((_request, response) => {
    void Promise.resolve(body).then((json) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(json)),
    )
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
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
