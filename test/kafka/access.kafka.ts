import { describe, expect, inject, it } from 'vitest'
import { anEvent } from '../support/events.ts'
import { idsOf, open } from '../streams/cases/opened-stream.ts'
import { certificate, user } from './kafka-software.ts'
import { aTopic } from './topics.ts'

const { address, guarded } = inject('kafka')

const guardedUrl = (login: string, query: string) =>
  aTopic(address, 1).url.replace(address, `${login}@${guarded}`) + query

async function failuresOf(url: string) {
  const stream = await open(url)
  const calls = [stream.info(), stream.append([anEvent()]), stream.read({ epoch: 'none', id: '0' })]
  return Promise.all(calls.map((call: Promise<unknown>) => call.catch((error: unknown) => error)))
}

describe('a broker that wants credentials, over TLS', () => {
  it.each(['plain', 'scram-sha-256'])('is written and read by whoever has them (%s)', async (mechanism) => {
    const stream = await open(guardedUrl(`${user.name}:${user.password}`, `&ca=${certificate}&sasl=${mechanism}`))
    await stream.append([anEvent({ event_id: 'seen' })])
    expect(idsOf(await stream.read((await stream.info()).first))).toEqual(['seen'])
  })

  it.each(['plain', 'scram-sha-256'])(
    'refuses others at once, and their password is in no message (%s)',
    async (mechanism) => {
      const [info, append, read] = await failuresOf(
        guardedUrl(`${user.name}:s3cret`, `&ca=${certificate}&sasl=${mechanism}`),
      )
      for (const error of [info, read]) expect(error).toMatchObject({ code: 'AUREN_STREAM_REFUSED' })
      expect(append).toMatchObject({ code: 'AUREN_APPEND_FAILED', cause: { code: 'AUREN_STREAM_REFUSED' } })
      const text = JSON.stringify([info, append, read], (_, value: unknown) =>
        value instanceof Error ? { ...value, message: value.message, stack: value.stack, cause: value.cause } : value,
      )
      expect(text).toContain('AUREN_STREAM_REFUSED')
      expect(text).not.toContain('s3cret')
    },
  )

  it('is not trusted without its authority', async () => {
    const [info] = await failuresOf(guardedUrl(`${user.name}:${user.password}`, '&tls=true'))
    expect(info).toMatchObject({ code: 'AUREN_STREAM_UNAVAILABLE' })
    expect(String((info as Error).cause)).toMatch(/self.signed/)
  })
})
