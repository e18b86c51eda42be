import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { openStream } from '../../src/streams/open-stream.ts'
import { startNode, temporaryFolder } from '../support/processes.ts'

async function nameOf(url?: string): Promise<string> {
  const stream = await openStream(url)
  onTestFinished(() => stream.close())
  return stream.name
}

function environment(values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
}

describe('openStream', () => {
  it.each([
    'http://127.0.0.1',
    'redis:',
    'redis://host:port',
    'redis://h?maxlen=0',
    'redis://h?streams=0',
    'redis://h?streams=17',
    'redis://h?streams=two',
    'redis://h?streams=2&stream={team}:events',
    'redis+sentinel://h',
    'kafka://broker:port/topic',
    'kafkaesque',
    'sqlite:',
    'sqlite:?maxlen=5',
    'sqlite://events.db',
    'sqlite:x?maxlen=many',
  ])('refuses %s with what to use instead', async (url) => {
    await expect(openStream(url)).rejects.toMatchObject({ code: 'AUREN_STREAM_URL_INVALID' })
  })

  it.each([
    'amqp://user:s3cret@host',
    'user:s3cret@host',
    'kafka://user:s3cret@host/topic?maxlen=5',
    'redis://user:s3cret@host:port',
    'redis://user:s3cret@host,redis:other',
    'sqlite:events.db,amqp://user:s3cret@host',
    'redis://user:s3cret@host, redis://user:s3cret@host:port',
  ])('never repeats a URL that may hold a password, as %s', async (url) => {
    const error: unknown = await openStream(url).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'AUREN_STREAM_URL_INVALID' })
    expect((error as Error).message).not.toContain('s3cret')
  })

  it('takes the URL given, else that of the environment, else the log in the home folder', async () => {
    environment({ HOME: '/home/someone', AUREN_STREAM_URL: 'sqlite:from-environment.db' })
    expect(await nameOf('sqlite:given.db')).toBe('sqlite:given.db')
    expect(await nameOf()).toBe('sqlite:from-environment.db')
    expect(await nameOf(' ')).toBe('sqlite:from-environment.db')
    environment({ AUREN_STREAM_URL: '  ' })
    expect(await nameOf()).toBe('sqlite:/home/someone/.auren/events.db')
  })

  it('takes relative and absolute paths, and the home folder by its tilde', async () => {
    environment({ HOME: '/home/someone' })
    expect(await nameOf('sqlite:logs/events.db?maxlen=5')).toBe('sqlite:logs/events.db')
    expect(await nameOf('sqlite:/var/events.db')).toBe('sqlite:/var/events.db')
    expect(await nameOf('sqlite:///var/events.db')).toBe('sqlite:/var/events.db')
    expect(await nameOf('sqlite:~/events.db')).toBe('sqlite:/home/someone/events.db')
    expect(await nameOf('sqlite:a, b.db')).toBe('sqlite:a, b.db')
  })

  it('opens a Kafka topic, which several brokers may hold', async () => {
    expect(await nameOf('kafka://user:s3cret@one:9092,two:9092/team')).toBe('kafka://one:9092,two:9092/team')
  })

  it('opens a Redis stream in several keys, and in one unless told otherwise', async () => {
    expect(await nameOf('redis://host:1?streams=8&stream=team')).toBe('redis://host:1 team in 8 keys')
    expect(await nameOf('redis://host:1?streams=1')).toBe('redis://host:1 auren:events')
  })

  it('opens a list of streams as one', async () => {
    expect(await nameOf('redis://user:s3cret@host , kafka://a:1,b:2/t,sqlite:a, b.db')).toBe(
      'redis://host auren:events,kafka://a:1,b:2/t,sqlite:a, b.db',
    )
  })

  it('says what to install where the client of Kafka is missing', async () => {
    const program = `
      import { registerHooks } from 'node:module'
      registerHooks({
        resolve(name, context, next) {
          if (name !== '@platformatic/kafka') return next(name, context)
          throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
        },
      })
      const { openStream } = await import('./src/streams/open-stream.ts')
      await openStream('kafka://broker:9092/topic').catch(({ code, message }) => console.log(code, message))`
    const running = startNode(['--input-type=module-typescript', '-e', program])
    expect([await running.exited(), running.stderr()]).toEqual([0, ''])
    expect(running.stdout()).toMatch(/^AUREN_KAFKA_CLIENT_MISSING .*npm install @platformatic\/kafka/)
  })

  it('loads no Redis client for a log in a file', async () => {
    const program = `
      import { createRequire } from 'node:module'
      import { openStream } from './src/streams/open-stream.ts'
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('ioredis'))
      const file = await openStream(${JSON.stringify(`sqlite:${join(temporaryFolder(), 'events.db')}`)})
      await file.info()
      const before = loaded()
      const redis = await openStream('redis://127.0.0.1:1')
      console.log(JSON.stringify([before, loaded()]))
      await Promise.all([file.close(), redis.close()])`
    const running = startNode(['--input-type=module-typescript', '-e', program])
    expect([await running.exited(), running.stderr()]).toEqual([0, ''])
    expect(JSON.parse(running.stdout())).toEqual([false, true])
  })
})
