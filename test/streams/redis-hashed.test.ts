import { readdirSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createPublisher } from '../../src/exporters/event-publisher.ts'
import { temporaryFolder } from '../support/processes.ts'
import { startRedis } from '../support/redis-server.ts'
import { aSpan } from '../support/spans.ts'
import { until } from '../support/until.ts'
import { hashedUnderTest } from './cases/hashed-under-test.ts'
import { idsOf, open, readAll } from './cases/opened-stream.ts'
import { ofFourTraces } from './cases/partitioned.ts'
import { partitionedStreamSuite } from './event-stream-suite.ts'

async function inKeys(count: number) {
  const { url, client } = await startRedis()
  return { client, ...hashedUnderTest(url, () => Promise.resolve(client), count) }
}

describe('a Redis stream in eight keys', () => {
  partitionedStreamSuite(() => inKeys(8))

  it('keeps about maxlen events in all', async () => {
    const { url } = await inKeys(8)
    const stream = await open(`${url}&maxlen=800`)
    for (let i = 0; i < 30; i += 1) await stream.append(ofFourTraces(100))
    const { length, maxLength } = await stream.info()
    // Half of the keys have a trace, and Redis trims whole nodes of up to 100.
    expect({ maxLength, isTrimmed: length <= 800 }).toEqual({ maxLength: 800, isTrimmed: true })
  })

  it('loses the place in a key that was deleted alone, and in no other', async () => {
    const { url, keys, client } = await inKeys(8)
    const stream = await open(url)
    const position = await stream.append(ofFourTraces(8))
    const writtenTo = (await Promise.all(keys.map((key) => client.xlen(key)))).findIndex((length) => length > 0)
    await client.del(keys[writtenTo] ?? '')
    const sent = ofFourTraces(16).slice(8)
    await stream.append(sent)
    const error = await stream.read(position).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ reason: 'epoch_changed', missed: null })
    const { firstAvailable } = error as { firstAvailable: typeof position }
    expect(idsOf(await stream.read(firstAvailable)).toSorted()).toEqual(sent.map(({ event_id: id }) => id).toSorted())
  })

  it('names the events of a key that took none, and has stored the others', async () => {
    const { url, keys, client } = await inKeys(8)
    const stream = await open(url)
    await stream.append(ofFourTraces(4))
    const lengths = await Promise.all(keys.map((key) => client.xlen(key)))
    const broken = keys[lengths.findIndex((length) => length > 0)] ?? ''
    await client.set(broken, 'no stream')
    const error = await stream.append(ofFourTraces(8)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'AUREN_APPEND_FAILED', cause: { code: 'AUREN_STREAM_WRONG_TYPE' } })
    const { failed } = error as { failed: readonly { trace_id: string }[] }
    expect(failed).toHaveLength(2)
    expect(new Set(failed.map(({ trace_id: trace }) => trace)).size).toBe(1)
  })

  it('is read on behind a position from when it had four, after all that the others have', async () => {
    const { url } = await inKeys(8)
    const before = await open(url.replace('streams=8', 'streams=4'))
    const position = await before.append(ofFourTraces(8))
    const stream = await open(url)
    const sent = ofFourTraces(24).slice(8)
    await stream.append(sent)
    const ids = await readAll(stream, position)
    expect(ids.toSorted()).toEqual(sent.map(({ event_id: id }) => id).toSorted())
  })

  it('is complete beside that in one key, whose events wait elsewhere while Redis is away', async () => {
    const redis = await startRedis()
    await redis.kill()
    const spoolDir = temporaryFolder()
    const publisher = createPublisher({ stream: `${redis.url},${redis.url}?streams=8`, spoolDir, heartbeatMs: 0 })
    onTestFinished(async () => void (await publisher.close(100)))
    const call = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5-mini' }
    for (let i = 0; i < 50; i += 1) publisher.pipeline.spanEnded(aSpan(call))
    await until('both wait on disk', () => readdirSync(spoolDir).length === 2)
    await redis.restart()
    expect(await publisher.flush(20_000)).toBe(true)
    const lengths = ['', '?streams=8'].map(async (query) => (await (await open(redis.url + query)).info()).length)
    const [inOne, inEight] = await Promise.all(lengths)
    expect(inOne).toBeGreaterThanOrEqual(50)
    expect(inEight).toBe(inOne)
  })

  it('is not read by who would miss some of its keys, and says so', async () => {
    const { url } = await inKeys(8)
    await (await open(url)).append(ofFourTraces(4))
    const fewer = await open(url.replace('streams=8', 'streams=3'))
    await expect(fewer.info()).rejects.toMatchObject({ code: 'AUREN_STREAM_DIVIDED_OTHERWISE' })
  })
})
