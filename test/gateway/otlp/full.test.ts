import { expect, it } from 'vitest'
import { aReceiver, request, span } from '../../support/otlp-receiver.ts'
import { startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'

/** Some 3.6 MB, of the 4 MiB that a request may have. */
const perRequest = 120
const call = { 'gen_ai.operation.name': 'chat', 'gen_ai.response.id': 'r'.repeat(30_000) }
const calls = () => request(...Array.from({ length: perRequest }, () => span(call)))

it('puts senders off while the stream is away, before anything is dropped, and in the end has written all that it took', async () => {
  const redis = await startRedis({ durable: true })
  const { post, stream } = await aReceiver({ stream: redis.url })
  let taken = 0
  const send = async () => {
    const answer = await post(calls())
    if (answer.status === 200) taken += perRequest
    return [answer.status, answer.headers.get('retry-after')]
  }
  await redis.kill()
  await until('it is full', async () => (await send())[0] === 503)
  expect(taken).toBeGreaterThan(0)
  expect(await send()).toEqual([503, '1'])
  await redis.restart()
  await until('it takes requests again', async () => (await send())[0] === 200)
  await until('all is written', async () => (await stream.info()).length >= taken)
  const written = (await stream.recent(2 * taken)).map(({ event }) => event)
  expect(written.filter(({ event_type: type }) => type === 'telemetry_gap')).toEqual([])
  expect(new Set(written.map(({ event_id: id }) => id)).size).toBe(taken)
})
