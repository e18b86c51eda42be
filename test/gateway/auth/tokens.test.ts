import Fastify from 'fastify'
import { SignJWT } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { gateway } from '../../../src/gateway/plugin.ts'
import { freePort } from '../../support/free-port.ts'
import { aGateway, aToken, secret } from '../../support/gateway.ts'
import { temporaryLog } from '../../support/processes.ts'
import { connectTo, signIn } from '../../support/ws-client.ts'

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('a token', () => {
  it('counts in the header alone: not in the address, not in a cookie', async () => {
    const { url } = await aGateway({ jwtSecret: secret })
    const token = await aToken()
    expect((await fetch(`${url}/api/events?token=${token}&access_token=${token}`)).status).toBe(401)
    expect((await fetch(`${url}/api/events`, { headers: { cookie: `token=${token}` } })).status).toBe(401)
    expect((await fetch(`${url}/api/events`, { headers: bearer(token) })).status).toBe(200)
  })

  it('never comes into the log, nor does what a client sends, whatever goes wrong', async () => {
    const lines: string[] = []
    const app = Fastify({ logger: { level: 'trace', stream: { write: (line: string) => void lines.push(line) } } })
    onTestFinished(() => app.close())
    await app.register(gateway, { stream: temporaryLog(), jwtSecret: secret, messagesPerMinute: 3 })
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const refused = await connectTo(url)
    refused.send({ token: 's3cret-token' })
    await refused.closed()
    await fetch(`${url}/api/runs`, { headers: bearer('s3cret-token') })
    const headers = { 'content-type': 'application/json', ...bearer('s3cret-token') }
    await fetch(`${url}/v1/traces`, { method: 'POST', headers, body: '{"s3cret-payload":' })
    const good = await signIn(url, { token: await aToken(), agent_filter: ['s3cret-filter'] })
    for (let times = 0; times < 5; times += 1) good.send({ type: 's3cret-type' })
    await good.closed()
    expect(lines.join('')).toMatch(/"address":"127.0.0.1".*"refused":1.*a token was refused/)
    expect(lines.join('')).not.toContain('s3cret')
  })

  it.each([
    ['JWT', 200],
    ['at+jwt', 200],
    ['logout+jwt', 401],
  ])('of type %s is answered with %i', async (typ, status) => {
    const { url } = await aGateway({ jwtSecret: secret })
    const token = await new SignJWT({ user_id: 'ann', exp: Math.floor(Date.now() / 1000) + 60 })
      .setProtectedHeader({ alg: 'HS256', typ })
      .sign(new TextEncoder().encode(secret))
    expect((await fetch(`${url}/api/events`, { headers: bearer(token) })).status).toBe(status)
  })

  it('is neither good nor bad while its key cannot be fetched: the client is to come back', async () => {
    const { url } = await aGateway({ jwksUrl: `http://127.0.0.1:${await freePort()}/keys` })
    const [, ...rest] = (await aToken()).split('.')
    const token = [Buffer.from(JSON.stringify({ alg: 'RS256', kid: 'k1' })).toString('base64url'), ...rest].join('.')
    const response = await fetch(`${url}/api/events`, { headers: bearer(token) })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    const client = await connectTo(url)
    client.send({ token })
    expect(await client.closed()).toEqual({ code: 1013, reason: 'unavailable' })
  })
})

describe('connections', () => {
  it('of one address that show no token are bounded; those of a tenant, too, where a number is given', async () => {
    const { url } = await aGateway({ jwtSecret: secret, maxPendingPerAddress: 2, maxConnectionsPerTenant: 1 })
    const waiting = [await connectTo(url), await connectTo(url)] as const
    expect(await (await connectTo(url)).closed()).toEqual({ code: 1013, reason: 'capacity' })
    waiting[0].send({ token: await aToken({ tenant_id: 'red' }) })
    await waiting[0].next('connection_established')
    waiting[1].send({ token: await aToken({ tenant_id: 'red', user_id: 'bob' }) })
    expect(await waiting[1].closed()).toEqual({ code: 1013, reason: 'capacity' })
    await signIn(url, { token: await aToken({ tenant_id: 'blue' }) })
  })
})
