import { expect, it } from 'vitest'
import { aGateway } from '../../support/gateway.ts'
import { startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'

/** Some 3.6 MB, of the 4 MiB that a request may have. */
const perRequest = 120
const responseId = 'r'.repeat(30_000)

function calls(first: number): string {
  const attributes = [
    { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
    { key: 'gen_ai.response.id', value: { stringValue: responseId } },
  ]
  const spans = Array.from({ length: perRequest }, (_, i) => ({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: (first + i + 1).toString(16).padStart(16, '0'),
    name: 'chat',
    startTimeUnixNano: '1795000000000000000',
    endTimeUnixNano: '1795000001000000000',
    attributes,
  }))
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ scope: { name: 'test' }, spans }] }] })
}

it('puts senders off while the stream is away, before anything is dropped, and in the end has written all that it took', async () => {
  const redis = await startRedis({ durable: true })
  const { url, stream } = await aGateway({ stream: redis.url })
  let taken = 0
  const post = async () => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body: calls(taken) })
    if (answer.status === 200) taken += perRequest
    return [answer.status, answer.headers.get('retry-after')]
  }
  await redis.kill()
  await until('it is full', async () => (await post())[0] === 503)
  expect(taken).toBeGreaterThan(0)
  expect(await post()).toEqual([503, '1'])
  await redis.restart()
  await until('it takes requests again', async () => (await post())[0] === 200)
  await until('all is written', async () => (await stream.info()).length >= taken)
  const written = (await stream.recent(2 * taken)).map(({ event }) => event)
  expect(written.filter(({ event_type: type }) => type === 'telemetry_gap')).toEqual([])
  expect(new Set(written.map(({ event_id: id }) => id)).size).toBe(taken)
})
