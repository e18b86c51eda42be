import { tracingChannel } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { isTracingSuppressed } from '@opentelemetry/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { anEvent } from '../support/events.ts'
import { freePort } from '../support/free-port.ts'
import { startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { open } from './cases/opened-stream.ts'

const everything = (error: unknown) => inspect(error, { depth: 10, showHidden: true })

describe('what the redis stream keeps to itself', () => {
  it('never shows the password, in its name or when nobody answers', async () => {
    const port = await freePort()
    for (const url of [`redis://user:s3cret@127.0.0.1:${port}`, `redis://127.0.0.1:${port}?password=s3cret`]) {
      const stream = await open(url)
      expect(stream.name).not.toContain('s3cret')
      expect(everything(await stream.info().catch((error: unknown) => error))).not.toContain('s3cret')
      expect(everything(await stream.append([anEvent()]).catch((error: unknown) => error))).not.toContain('s3cret')
    }
  })

  it('says that the password was refused, without it', async () => {
    const { port } = await startRedis()
    const stream = await open(`redis://user:s3cret@127.0.0.1:${port}`)
    const error = await stream.info().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'AUREN_STREAM_REFUSED' })
    expect(everything(error)).toContain('WRONGPASS')
    expect(everything(error)).not.toContain('s3cret')
  })

  it('hangs no event on the reason of a failed append', async () => {
    const { url, client } = await startRedis()
    const stream = await open(url)
    await client.config('SET', 'maxmemory', '1')
    const error: unknown = await stream
      .append([anEvent({ payload: { prompt: 'confidential' } })])
      .catch((thrown: unknown) => thrown)
    expect(everything((error as Error).cause)).toContain('OOM')
    expect(everything((error as Error).cause)).not.toContain('confidential')
  })

  it('suppresses tracing in each of its commands and connections', async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager())
    onTestFinished(() => context.disable())
    const { url, client } = await startRedis()
    client.disconnect()
    await until('the test’s own client is silent', () => client.status === 'end')
    const suppressed: boolean[] = []
    const start = () => suppressed.push(isTracingSuppressed(context.active()))
    for (const name of ['ioredis:connect', 'ioredis:command', 'ioredis:batch']) {
      const channel = tracingChannel(name)
      channel.start.subscribe(start)
      onTestFinished(() => void channel.start.unsubscribe(start))
    }
    const stream = await open(url)
    const position = await stream.append([anEvent()])
    await stream.read(position, { waitMs: 20 })
    await stream.recent(1)
    await stream.info()
    expect(suppressed.length).toBeGreaterThan(8)
    expect(suppressed).not.toContain(false)
  })
})
