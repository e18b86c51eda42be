import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { anEvent } from '../support/events.ts'
import { aGateway, aToken, secret } from '../support/gateway.ts'
import { requireProgram } from '../support/programs.ts'
import { connectTo } from '../support/ws-client.ts'

describe('the HTTP side of the gateway', () => {
  it('serves a page on the path that also upgrades', async () => {
    const { url } = await aGateway()
    const response = await fetch(url)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-security-policy')).not.toMatch(/unsafe/)
    expect(await response.text()).toContain('<title>AUREN</title>')
  })

  it('upgrades on / and on /ws', async () => {
    const { url } = await aGateway()
    for (const path of ['/', '/ws']) {
      const client = await connectTo(url + path)
      client.send({ token: 'test' })
      await client.next('connection_established')
    }
  })

  it('has metrics that promtool has nothing to say against', async () => {
    const { url, stream } = await aGateway()
    await stream.append([anEvent()])
    const response = await fetch(`${url}/metrics`)
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const promtool = requireProgram('promtool', 'prometheus')
    expect(execFileSync(promtool, ['check', 'metrics'], { input: await response.text(), encoding: 'utf8' })).toBe('')
  })

  it('gives recent events and the summary to a bearer of a token only', async () => {
    const { url, stream } = await aGateway({ jwtSecret: secret })
    await stream.append([anEvent({ event_id: 'one' })])
    for (const path of ['/api/events', '/api/summary']) {
      for (const authorization of ['', 'Bearer test', 'Basic dGVzdDp0ZXN0']) {
        const response = await fetch(url + path, { headers: { authorization } })
        expect(response.status).toBe(401)
        expect(await response.json()).toMatchObject({ code: 'AUREN_AUTH_FAILED' })
      }
    }
    const headers = { authorization: `Bearer ${await aToken({ permissions: ['all'] })}` }
    const events = await (await fetch(`${url}/api/events?limit=5&type=llm_call`, { headers })).json()
    expect(events).toMatchObject({ count: 1, events: [{ event_id: 'one' }] })
    expect(await (await fetch(`${url}/api/summary`, { headers })).json()).toMatchObject({ window_seconds: 300 })
  })

  it.each([
    ['its own page', (url: string) => url, true],
    ['a listed origin', () => 'https://auren.example', true],
    ['another site', () => 'https://evil.example', false],
    ['a site whose name only begins alike', () => 'https://auren.example.evil.example', false],
    ['another port of a listed host', () => 'https://auren.example:8443', false],
    ['no origin that can be named', () => 'null', false],
  ])('lets %s connect: %s', async (_name, origin, allowed) => {
    const { url } = await aGateway({ allowedOrigins: ['https://auren.example'] })
    const connecting = connectTo(url, { origin: origin(url) })
    if (allowed) await connecting
    else await expect(connecting).rejects.toThrow('403')
  })

  it('answers 404 without repeating the path', async () => {
    const { url } = await aGateway()
    const response = await fetch(`${url}/nothing?token=s3cret`)
    expect(response.status).toBe(404)
    expect(await response.text()).not.toContain('s3cret')
  })
})
