import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aToken, secret } from '../../support/gateway.ts'
import { aReceiver, chat, childId, fixture, json, protobuf, request, span } from '../../support/otlp-receiver.ts'
import { until } from '../../support/until.ts'

describe('the OTLP receiver', () => {
  it('answers 401 without a token, 403 without the permission, and takes neither', async () => {
    const { post, stored } = await aReceiver({ jwtSecret: secret })
    const body = request(span({ ...chat }))
    expect((await post(body)).status).toBe(401)
    expect((await post(body, { authorization: 'Bearer test' })).status).toBe(401)
    expect((await post(body, { authorization: `Bearer ${await aToken({ permissions: ['all'] })}` })).status).toBe(403)
    expect(await stored()).toEqual([])
  })

  it.each<[string, string | Buffer, Record<string, string>, number]>([
    ['a body that is no JSON', '{', {}, 400],
    ['a JSON list', '[]', {}, 400],
    ['spans that are no list', '{"resourceSpans":"x"}', {}, 400],
    ['bytes that are no protobuf', Buffer.from('ffffffff', 'hex'), { 'content-type': protobuf }, 400],
    ['gzip that is none', 'no gzip', { 'content-encoding': 'gzip' }, 400],
    ['another content type', 'a=b', { 'content-type': 'text/plain' }, 415],
    ['another encoding', '{}', { 'content-encoding': 'br' }, 415],
    ['a body over 4 MiB', Buffer.alloc(4 * 1024 * 1024 + 1, ' '), {}, 413],
    [
      'a body that inflates to over 4 MiB',
      gzipSync(Buffer.alloc(5 * 1024 * 1024, ' ')),
      { 'content-encoding': 'gzip' },
      413,
    ],
  ])('answers %s with %4$i and a reason, and goes on', async (_name, body, headers, status) => {
    const { post, types } = await aReceiver()
    const response = await post(body, headers)
    expect(response.status).toBe(status)
    expect((await response.text()).length).toBeGreaterThan(5)
    await post(request(span({ ...chat })))
    await until('the next is written', async () => (await types()).length === 1)
  })

  it.each(['{}', '{"resourceSpans":null}', '{"resourceSpans":[]}'])(
    'takes %s for a request without spans',
    async (body) => {
      const { post } = await aReceiver()
      const response = await post(body)
      expect([response.status, await response.json()]).toEqual([200, {}])
    },
  )

  it('takes the good spans of a request and says how many it rejected', async () => {
    const { post, types } = await aReceiver()
    const bad = [
      { ...span(chat), traceId: '0'.repeat(32) },
      { ...span(chat), spanId: 'xyz' },
      { ...span(chat), startTimeUnixNano: '0' },
      7,
    ]
    const response = await post(request(...bad, span(chat)))
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ partialSuccess: { rejectedSpans: '4' } })
    await until('the good one is written', async () => (await types()).length === 1)
  })

  it('answers whatever is sent with 200 or 400, and goes on', async () => {
    const { url, post, types } = await aReceiver()
    const shaped = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.jsonValue(),
        fc.dictionary(
          fc.constantFrom(
            'resourceSpans',
            'scopeSpans',
            'spans',
            'attributes',
            'key',
            'value',
            'stringValue',
            'arrayValue',
            'values',
            '__proto__',
          ),
          tie('node'),
          { maxKeys: 4 },
        ),
        fc.array(tie('node'), { maxLength: 3 }),
      ),
    })).node
    const bodies = fc.oneof(
      shaped.map((value) => [JSON.stringify({ resourceSpans: value }), json] as const),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => [Buffer.from(bytes), protobuf] as const),
      fc.nat(2_000).map((at) => [cut(fixture('otel-openai/tool-loop-nocontent.pb'), at), protobuf] as const),
    )
    await fc.assert(
      fc.asyncProperty(bodies, async ([body, type]) => {
        expect([200, 400]).toContain((await post(body, { 'content-type': type })).status)
      }),
      { numRuns: 200 },
    )
    expect(({} as Record<string, unknown>)['stringValue']).toBeUndefined()
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    await post(request(span({ ...chat, id: childId })))
    await until('a good one is written', async () => (await types()).includes('llm_call'))
  })
})

/** A recorded request with one byte changed. */
function cut(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes)
  const place = at % changed.length
  changed[place] = (changed[place] ?? 0) ^ 0xff
  return changed
}
