import { describe, expect, it } from 'vitest'
import { openStream } from '../../src/streams/open-stream.ts'

describe('openStream', () => {
  it.each(['http://127.0.0.1', 'redis:', 'sqlite:', 'kafkaesque', 'redis://h?maxlen=0', 'sqlite:x?maxlen=many'])(
    'refuses %s with what to use instead',
    async (url) => {
      await expect(openStream(url)).rejects.toMatchObject({ code: 'AUREN_STREAM_URL_INVALID' })
    },
  )

  it('never repeats a URL that may hold a password', async () => {
    const error: unknown = await openStream('amqp://user:s3cret@host').catch((thrown: unknown) => thrown)
    expect((error as Error).message).not.toContain('s3cret')
  })
})
