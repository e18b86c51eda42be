import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openStream } from '../../src/streams/open-stream.ts'
import { freePort } from '../support/free-port.ts'
import { startLink } from '../support/link.ts'
import { startRedis } from '../support/redis-server.ts'
import type { RedisServer } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { account, startProducer } from './producer.ts'
import type { Producer } from './producer.ts'

/** Produces steadily for as long as the work takes. */
async function producingWhile(producer: Producer, work: () => Promise<unknown>): Promise<void> {
  let done = false
  const ended = work().finally(() => (done = true))
  while (!done) {
    producer.produce(5)
    await sleep(2)
  }
  await ended
}

/** Everything was delivered, nothing was dropped, and each change was told once. */
async function expectAllDelivered({ client }: RedisServer, producer: Producer) {
  const { writer, produced, states } = producer
  await until('it writes in time', async () => {
    expect(await writer.flush(20_000)).toBe(true)
    if (writer.stats.state === 'writing') return true
    producer.produce(1)
    return false
  })
  const result = await account(client, produced)
  expect(result.gaps).toEqual([])
  expect(writer.stats).toMatchObject({ queuedEvents: 0, spooledEvents: 0 })
  expect(states).toEqual(states.map((_, index) => (index % 2 === 0 ? 'spooling' : 'writing')))
  return result
}

function killConnections({ client }: RedisServer): Promise<number> {
  return client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes') as Promise<number>
}

/** Ids of all connections but this one. */
async function connections({ client }: RedisServer): Promise<string[]> {
  const own = await client.client('ID')
  const list = String(await client.client('LIST'))
  return [...list.matchAll(/^id=(\d+)/gm)].map(([, id]) => String(id)).filter((id) => id !== String(own))
}

async function commandErrors({ client }: RedisServer, word: string): Promise<number> {
  const match = new RegExp(`errorstat_${word}:count=(\\d+)`).exec(await client.info('errorstats'))
  return Number(match?.[1] ?? 0)
}

describe('the writer, when Redis', () => {
  it('is not there at first, writes everything in order once it is (X-01)', async () => {
    const redis = await startRedis()
    await redis.kill()
    const producer = startProducer(redis.url)
    producer.produce(3_000)
    await until('it spools', () => producer.writer.stats.spooledEvents === 3_000)
    expect(producer.writer.stats).toMatchObject({ state: 'spooling', queuedEvents: 0, written: 0 })
    await redis.restart()
    producer.produce(200)
    await expectAllDelivered(redis, producer)
  })

  it('is killed in the middle of writes, sends the outcome-unknown batch again (X-02)', async () => {
    const redis = await startRedis({ durable: true })
    const producer = startProducer(redis.url)
    for (let life = 0; life < 3; life += 1) {
      await producingWhile(producer, async () => {
        const { written } = producer.writer.stats
        await until('it writes', () => producer.writer.stats.written > written)
        await redis.kill()
        await until('it has noticed', () => producer.writer.stats.retries > life)
      })
      await redis.restart()
    }
    await expectAllDelivered(redis, producer)
  })

  it('stops answering without a word, gives up and sends again (X-03)', async () => {
    const redis = await startRedis()
    const producer = startProducer(redis.url)
    producer.produce(10)
    expect(await producer.writer.flush()).toBe(true)
    redis.signal('SIGSTOP')
    await producingWhile(producer, () =>
      until('it retries and spools', () => {
        const { retries, state } = producer.writer.stats
        return retries > 0 && state === 'spooling'
      }),
    )
    expect(producer.states).toEqual(['spooling'])
    redis.signal('SIGCONT')
    await expectAllDelivered(redis, producer)
  })

  it('closes the connection again and again, loses nothing', async () => {
    const redis = await startRedis()
    const producer = startProducer(redis.url)
    let killed = 0
    await producingWhile(producer, () =>
      until('it happened often', async () => (killed += await killConnections(redis)) > 10),
    )
    await expectAllDelivered(redis, producer)
  })

  it('closes an idle connection, opens another one without a failed write (X-18)', async () => {
    const redis = await startRedis()
    // No answer is too late here: what fails is to fail for the connection.
    const producer = startProducer(redis.url, { open: () => openStream(redis.url) })
    producer.produce(1)
    await producer.writer.flush()
    const idle = await connections(redis)
    expect(await killConnections(redis)).toBe(1)
    await until('it is closed', async () => !(await connections(redis)).some((id) => idle.includes(id)))
    producer.produce(1)
    await expectAllDelivered(redis, producer)
    expect(producer.writer.stats.retries).toBe(0)
  })

  it('pauses all writes, spools until it goes on', async () => {
    const redis = await startRedis()
    const producer = startProducer(redis.url)
    producer.produce(10)
    await producer.writer.flush()
    await redis.client.client('PAUSE', 60_000, 'WRITE')
    await producingWhile(producer, () => until('it spools', () => producer.writer.stats.spooledEvents > 100))
    await redis.client.client('UNPAUSE')
    await expectAllDelivered(redis, producer)
  })

  it('was made a replica, finds the new master (X-04)', async () => {
    const [before, after] = [await startRedis(), await startRedis()]
    const link = await startLink(before)
    const producer = startProducer(link.url)
    producer.produce(10)
    await producer.writer.flush()
    await before.client.replicaof('127.0.0.1', after.port)
    await producingWhile(producer, () =>
      until('it was refused', async () => (await commandErrors(before, 'READONLY')) > 0),
    )
    link.port = after.port
    await producer.writer.flush()
    // What the old master had answered never reached the new one: that is the failover's loss, not the writer's.
    await account(after.client, producer.produced.slice(10))
  })

  it('is out of memory, asks again in moderation and loses nothing (X-05)', async () => {
    const redis = await startRedis()
    const producer = startProducer(redis.url)
    producer.produce(10)
    await producer.writer.flush()
    await redis.client.config('SET', 'maxmemory', '1')
    const start = performance.now()
    await producingWhile(producer, () => until('it has asked again', () => producer.writer.stats.retries > 2))
    expect(await commandErrors(redis, 'OOM')).toBeGreaterThan(0)
    expect(producer.writer.stats.retries, 'at least 100 ms apart').toBeLessThanOrEqual(
      1 + (performance.now() - start) / 100,
    )
    await redis.client.config('SET', 'maxmemory', '0')
    await expectAllDelivered(redis, producer)
  })

  it('is busy with a script, waits for its end (X-06)', async () => {
    const redis = await startRedis()
    const producer = startProducer(redis.url)
    producer.produce(10)
    await producer.writer.flush()
    await redis.client.config('SET', 'busy-reply-threshold', '10')
    const script = redis.client.duplicate()
    const running = script.eval('while true do end', 0).catch((error: unknown) => String(error))
    await producingWhile(producer, () => until('it spools', () => producer.writer.stats.spooledEvents > 50))
    await until('the script is killed', () => redis.client.script('KILL').then(() => true, () => false)) // prettier-ignore
    expect(await running).toMatch(/killed/i)
    script.disconnect()
    expect(await commandErrors(redis, 'BUSY')).toBeGreaterThan(0)
    await expectAllDelivered(redis, producer)
  })

  it('asks for a password, keeps the events until it has been set right (X-07)', async () => {
    const redis = await startRedis()
    const producer = startProducer(redis.url)
    await redis.client.config('SET', 'requirepass', 's3cret')
    producer.produce(100)
    await until('it spools', () => producer.writer.stats.spooledEvents === 100)
    await until('it was refused', async () => (await commandErrors(redis, 'NOAUTH')) > 0)
    await redis.client.config('SET', 'requirepass', '')
    await expectAllDelivered(redis, producer)
  })

  it('has no right for us, keeps the events until it has (X-07)', async () => {
    const redis = await startRedis()
    await redis.client.acl('SETUSER', 'default', '-xadd')
    const producer = startProducer(redis.url)
    producer.produce(100)
    await until('it was refused', async () => (await commandErrors(redis, 'NOPERM')) > 0)
    await until('it spools', () => producer.writer.stats.spooledEvents === 100)
    await redis.client.acl('SETUSER', 'default', '+xadd')
    await expectAllDelivered(redis, producer)
  })

  it('holds something else under the key, keeps the events until it is gone (X-08)', async () => {
    const redis = await startRedis()
    await redis.client.set('auren:events', 'mine')
    const producer = startProducer(redis.url)
    producer.produce(100)
    await until('it was refused', async () => (await commandErrors(redis, 'WRONGTYPE')) > 0)
    await until('it spools', () => producer.writer.stats.spooledEvents === 100)
    expect(await redis.client.get('auren:events')).toBe('mine')
    await redis.client.del('auren:events')
    await expectAllDelivered(redis, producer)
  })

  it('is far away and slow, writes larger batches and takes the disk to help (X-09)', async () => {
    const redis = await startRedis()
    const link = await startLink(redis)
    const producer = startProducer(link.url, { maxQueueBytes: 200_000, spoolAfterMs: 5_000 })
    producer.produce(1)
    await producer.writer.flush()
    link.delayMs = 60
    producer.produce(2_000)
    expect(producer.writer.stats.spooledEvents).toBeGreaterThan(0)
    expect(producer.writer.stats.queuedBytes).toBeLessThanOrEqual(200_000)
    await until('it gave up a batch that took too long', () => producer.writer.stats.retries > 0)
    link.delayMs = 20
    await expectAllDelivered(redis, producer)
  })

  it('has stored a batch whose answer was lost, sends it again under the same ids (T-35)', async () => {
    const redis = await startRedis()
    const link = await startLink(redis)
    const producer = startProducer(link.url)
    producer.produce(1)
    await producer.writer.flush()
    link.loseNextReply = true
    producer.produce(20)
    const { copies } = await expectAllDelivered(redis, producer)
    expect(link.lostReplies).toBe(1)
    expect(copies).toBeGreaterThan(0)
  })

  it('comes back under an address that was refused for long, is found by a flush at once', async () => {
    const port = await freePort()
    const link = await startLink({ port })
    const producer = startProducer(link.url, { minRetryMs: 60_000, maxRetryMs: 60_000 })
    producer.produce(10)
    await until('it spools', () => producer.writer.stats.spooledEvents === 10)
    const redis = await startRedis()
    link.port = redis.port
    await expectAllDelivered(redis, producer)
  })
})
