import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { gateway } from '../../../src/gateway/plugin.ts'
import { startGateway } from '../../../src/gateway/server.ts'
import { aGateway, aToken, secret } from '../../support/gateway.ts'
import { temporaryFolder, temporaryLog } from '../../support/processes.ts'
import { until } from '../../support/until.ts'
import { connectTo, signIn } from '../../support/ws-client.ts'

function aList(content: unknown): string {
  const path = join(temporaryFolder(), 'revoked.json')
  writeFileSync(path, JSON.stringify(content))
  return path
}

async function outcome(url: string, token: string) {
  const client = await connectTo(url)
  client.send({ token })
  return Promise.race([client.next('connection_established'), client.closed()])
}

describe('revoked tokens', () => {
  const before = { users: [{ user_id: 'ann', before: 1_000 }] }
  const ofRed = { users: [{ user_id: 'ann', tenant_id: 'red' }] }

  it.each<[string, unknown, Record<string, unknown>, Record<string, unknown>]>([
    ['by its id', { tokens: ['t1'] }, { jti: 't1' }, { jti: 't2' }],
    ['with all of its user', { users: [{ user_id: 'ann' }] }, { user_id: 'ann' }, { user_id: 'bob' }],
    ['with all of its user in a tenant', ofRed, { user_id: 'ann', tenant_id: 'red' }, { user_id: 'ann' }],
    ['issued before a time', before, { user_id: 'ann', iat: 999 }, { user_id: 'ann', iat: 1_000 }],
    ['that does not say when it was issued', before, { user_id: 'ann' }, { user_id: 'bob' }],
  ])('refuse a token %s, and no other', async (_name, list, revoked, good) => {
    const { url } = await aGateway({ jwtSecret: secret, revocationsFile: aList(list) })
    expect(await outcome(url, await aToken(revoked))).toEqual({ code: 1008, reason: 'auth_failed' })
    expect(await outcome(url, await aToken(good))).toMatchObject({ type: 'connection_established' })
  })

  it('end the connections that are open when they come onto the list, and a list that broke keeps what it said', async () => {
    const path = aList({})
    const lines: string[] = []
    const app = Fastify({ logger: { stream: { write: (line: string) => void lines.push(line) } } })
    onTestFinished(() => app.close())
    await app.register(gateway, { stream: temporaryLog(), jwtSecret: secret, revocationsFile: path })
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const [ann, bob] = [await aToken({ user_id: 'ann' }), await aToken({ user_id: 'bob' })]
    const [first, second] = [await signIn(url, { token: ann }), await signIn(url, { token: bob })]
    writeFileSync(path, JSON.stringify({ users: [{ user_id: 'ann' }] }))
    expect(await first.closed()).toEqual({ code: 1008, reason: 'token_revoked' })
    expect(second.socket.readyState).toBe(second.socket.OPEN)
    writeFileSync(path, '{ broken')
    await until('it was looked at', () => lines.some((line) => line.includes('the old one holds')))
    expect(await outcome(url, ann)).toEqual({ code: 1008, reason: 'auth_failed' })
    expect(await outcome(url, bob)).toMatchObject({ type: 'connection_established' })
  })

  it.each<[string, unknown]>([
    ['no list', 'revoked'],
    ['a misspelt key', { token: ['t1'] }],
    ['an entry without a user', { users: [{ name: 'ann' }] }],
  ])('stop the start when the file holds %s', async (_name, content) => {
    const options = { jwtSecret: secret, port: 0, logLevel: 'silent', stream: temporaryLog() }
    await expect(startGateway({ ...options, revocationsFile: aList(content) })).rejects.toMatchObject({
      code: 'AUREN_REVOCATIONS_INVALID',
    })
  })
})
