import { request } from 'node:http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientMessages } from '../../src/protocol/client-messages.ts'
import { closings } from '../../src/protocol/close-codes.ts'
import { examples } from '../../src/protocol/examples.ts'
import { anEvent } from '../support/events.ts'
import { eventSource } from '../support/event-source.ts'
import { aGateway } from '../support/gateway.ts'
import { temporaryLog } from '../support/processes.ts'
import { startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { connectTo, signIn } from '../support/ws-client.ts'

const room = { maxConnections: 100_000, maxConnectionsPerUser: 100_000, connectionsPerSecond: 100_000 }
const patient = { ...room, messagesPerMinute: 100_000 }

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom<unknown>(-1, 0.5, 1e300, null, 'x'.repeat(9_000), Array(1_001).fill('x'), [null], ['all_events']),
)
/** The example of a message with some of its fields, and some that are nobody's, said otherwise. */
const altered = (...names: readonly (keyof typeof examples)[]) => {
  const fields = names.flatMap((name) => Object.keys(examples[name]))
  const field = fc.constantFrom(...fields, 'request_id', '__proto__', 'constructor')
  return fc
    .tuple(fc.constantFrom(...names), fc.dictionary(field, anything, { maxKeys: 2 }))
    .map(([name, others]) => JSON.stringify({ ...examples[name], ...others }))
}
/** Mostly JSON; else text that is none, or that breaks off. */
const frames = (message: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 6, arbitrary: message },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 1, arbitrary: fc.tuple(message, fc.nat(200)).map(([text, end]) => text.slice(0, end)) },
  )

const control = Object.keys(clientMessages).filter((name) => name !== 'refresh') as (keyof typeof clientMessages)[]
const answers = [
  'error',
  'pong',
  'recent_events',
  'filter_updated',
  'subscription_confirmed',
  'unsubscription_confirmed',
]

/** What an answer has to repeat. */
function requestId(text: string): string | undefined {
  try {
    const id = (JSON.parse(text) as { request_id?: unknown } | null)?.request_id
    return typeof id === 'string' && id.length <= 64 ? id : undefined
  } catch {
    return undefined
  }
}

describe('whatever a client says', () => {
  it('first, lets it in or is refused', async () => {
    const { url } = await aGateway(patient)
    const known = Object.values(closings).map(({ reason }) => reason)
    await fc.assert(
      fc.asyncProperty(frames(altered('hello')), async (first) => {
        const client = await connectTo(url)
        client.send(first)
        const outcome = await Promise.race([client.next('connection_established'), client.closed()])
        if ('reason' in outcome) expect(known).toContain(outcome.reason)
        client.socket.terminate()
      }),
      { numRuns: 80 },
    )
  })

  it('later, is answered once, by its request_id, and the next one, too', async () => {
    const { url, stream } = await aGateway(patient)
    await stream.append([anEvent()])
    await fc.assert(
      fc.asyncProperty(fc.array(frames(altered(...control)), { maxLength: 20 }), async (messages) => {
        const client = await signIn(url, { protocol_version: 1 })
        const told = client.messages.length
        for (const message of messages) client.send(message)
        client.send({ type: 'get_recent', request_id: 'the last' })
        const ids = () => client.messages.slice(told).filter(({ type }) => answers.includes(type))
        await until('all are answered', () => ids().length > messages.length)
        const expected = [...messages.map(requestId), 'the last']
        expect(
          ids()
            .map(({ request_id: id }) => id)
            .sort(),
        ).toEqual(expected.sort())
        client.socket.terminate()
      }),
      { numRuns: 25 },
    )
  })
})

describe('whatever a client takes for a cursor', () => {
  it.each(['redis', 'sqlite'])('leads to events, a gap, or word that it is none, of a %s stream', async (kind) => {
    const { url, stream } = await aGateway({
      ...patient,
      stream: kind === 'redis' ? (await startRedis()).url : temporaryLog(),
    })
    const { id, epoch } = await stream.append([anEvent({ event_id: 'first' })])
    await stream.append([anEvent({ event_id: 'second' })])
    const good = `${id}@${epoch}`
    const cursor = fc.oneof(
      fc.string({ unit: 'binary-ascii', maxLength: 40 }),
      fc
        .tuple(
          fc.nat(good.length),
          fc.nat(3),
          fc.constantFrom('', '0', '9'.repeat(25), '-', '@', '.', ':', '\n', '\0', '%', ' ', '\u{1F4A5}'),
        )
        .map(([at, length, text]) => good.slice(0, at) + text + good.slice(at + length)),
    )
    await fc.assert(
      fc.asyncProperty(cursor, async (asked) => {
        const client = await signIn(url, { protocol_version: 1, resume: { last_event_id: asked } })
        const { ok, reason } = await client.next('resume_result')
        const gap = ok === true ? undefined : await client.next('gap')
        expect(gap?.['reason']).toBe(reason)
        // What is no cursor is not repeated.
        if (reason === 'invalid_cursor') expect(gap).not.toHaveProperty('requested')
        client.socket.terminate()
        const query = `last_event_id=${encodeURIComponent(asked)}`
        const source = await eventSource(`${url}/events?${query}`)
        expect(await source.next('resume_result')).toMatchObject({ ok })
        source.close()
        for (const side of ['after', 'before']) {
          const answer = await fetch(`${url}/api/events?${side}=${encodeURIComponent(asked)}`, {
            headers: { authorization: 'Bearer test' },
          })
          expect([200, 400]).toContain(answer.status)
          if (reason === 'invalid_cursor') expect(answer.status).toBe(400)
        }
      }),
      { numRuns: 30 },
    )
  })
})

describe('whatever stands in the headers of a request', () => {
  it('opens a connection, or is refused as HTTP has it', async () => {
    const { url } = await aGateway(patient)
    const names = [
      'origin',
      'authorization',
      'last-event-id',
      'sec-websocket-protocol',
      'sec-websocket-version',
      'sec-websocket-extensions',
      'x-forwarded-for',
      'host',
      'accept',
      'cookie',
    ]
    const value = fc.oneof(
      fc.string({ unit: 'grapheme-ascii' }),
      fc.constantFrom(
        'null',
        'Bearer test',
        'Bearer',
        'auren.v1, auren.v1',
        'permessage-deflate; server_max_window_bits=99',
        'x'.repeat(8_000),
      ),
    )
    const headers = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4 })
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/', '/ws', '/events', '/api/events'),
        fc.boolean(),
        headers,
        async (path, upgrades, others) => {
          const status = await statusOf(url + path, upgrades ? { ...upgrade, ...others } : others)
          expect([101, 200, 400, 401, 403, 404, 426, 431]).toContain(status)
        },
      ),
      { numRuns: 80 },
    )
    await signIn(url)
  })
})

const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { headers, agent: false })
    asking.on('response', (response) => {
      resolve(response.statusCode)
      response.destroy()
    })
    asking.on('upgrade', (response, socket) => {
      resolve(response.statusCode)
      socket.destroy()
    })
    asking.on('error', reject)
    asking.end()
  })
}
