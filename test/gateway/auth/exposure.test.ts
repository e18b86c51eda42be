import { request } from 'node:http'
import Fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { gateway } from '../../../src/gateway/plugin.ts'
import { startGateway } from '../../../src/gateway/server.ts'
import { freePort } from '../../support/free-port.ts'
import { aGateway, aToken, secret } from '../../support/gateway.ts'
import { serveHttp } from '../../support/http-server.ts'
import { temporaryLog } from '../../support/processes.ts'

/** The status of a request that names this host. */
function statusFor(url: string, host: string, path = '/api/events'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { host, authorization: 'Bearer test' }
    request(url + path, { headers }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end()
  })
}

describe('a gateway without a key', () => {
  it.each([
    ['127.0.0.1:8765', 200],
    ['localhost', 200],
    ['[::1]:80', 200],
    ['evil.example', 403],
    ['127.0.0.1.evil.example:8765', 403],
  ])('answers who calls it %s with %i: a page elsewhere may have a name that leads here', async (host, status) => {
    const { url } = await aGateway()
    expect(await statusFor(url, host)).toBe(status)
  })

  it('leaves other routes of its application alone', async () => {
    const app = Fastify()
    onTestFinished(() => app.close())
    await app.register(gateway, { stream: temporaryLog() })
    app.get('/own', () => 'mine')
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    expect(await statusFor(url, 'app.example', '/own')).toBe(200)
    expect(await statusFor(url, 'app.example')).toBe(403)
  })
})

describe('answers', () => {
  it('allow no page of another origin to read them', async () => {
    const { url } = await aGateway()
    const headers = { origin: 'https://evil.example', authorization: 'Bearer test' }
    for (const method of ['GET', 'OPTIONS']) {
      const { headers: answered } = await fetch(`${url}/api/events`, { method, headers })
      expect([...answered.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })
})

describe('metrics and the addresses of agent processes', () => {
  it.each(['/metrics', '/sd/agents'])(
    'are about all tenants: where a key is set they need the permission metrics: %s',
    async (path) => {
      const { url } = await aGateway({ jwtSecret: secret })
      const status = async (headers: Record<string, string>) => (await fetch(url + path, { headers })).status
      const bearer = async (permission: string) => ({
        authorization: `Bearer ${await aToken({ permissions: [permission] })}`,
      })
      expect(await status({})).toBe(401)
      expect(await status(await bearer('all'))).toBe(403)
      expect(await status(await bearer('metrics'))).toBe(200)
    },
  )

  it('have a port of their own when they are given one', async () => {
    const opsPort = await freePort()
    const { url } = await aGateway({ jwtSecret: secret, opsPort })
    for (const path of ['/metrics', '/sd/agents']) expect((await fetch(url + path)).status).toBe(404)
    expect((await fetch(`http://127.0.0.1:${opsPort}/sd/agents`)).status).toBe(200)
    expect(await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text()).toContain('auren_gateway_connections')
    expect((await fetch(`http://127.0.0.1:${opsPort}/readyz`)).status).toBe(200)
    expect((await fetch(`http://127.0.0.1:${opsPort}/api/events`)).status).toBe(404)
  })

  it('are told on a loopback port to who calls it by a loopback name only', async () => {
    const opsPort = await freePort()
    await aGateway({ jwtSecret: secret, opsPort })
    const status = (host: string) => statusFor(`http://127.0.0.1:${opsPort}`, host, '/sd/agents')
    expect([await status('localhost'), await status('evil.example')]).toEqual([200, 403])
  })

  it('stop the start when their port is taken', async () => {
    const opsPort = Number(new URL(await serveHttp()).port)
    await expect(startGateway({ port: 0, stream: temporaryLog(), logLevel: 'silent', opsPort })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })
})
