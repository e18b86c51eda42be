import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anEvent } from '../support/events.ts'
import { aGateway, aToken, secret } from '../support/gateway.ts'
import type { TestGateway } from '../support/gateway.ts'
import { startRedis } from '../support/redis-server.ts'
import type { RedisServer } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { signIn } from '../support/ws-client.ts'
import type { Message, TestClient } from '../support/ws-client.ts'

const tenants = ['red', 'blue'] as const
const types = ['llm_call', 'tool_usage'] as const

const publish = fc.record({
  kind: fc.constant('publish' as const),
  events: fc.array(fc.tuple(fc.constantFrom(...tenants), fc.constantFrom(...types)), { minLength: 1, maxLength: 12 }),
  twice: fc.boolean(),
})
const step = fc.oneof(
  { weight: 5, arbitrary: publish },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('come' as const), gateway: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('trim' as const), keep: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** One reader over all its connections: it remembers the last id, as a client is told to. */
class Reader {
  readonly seen: Message[] = []
  readonly #token: string
  #client: TestClient | undefined
  #cursor: string | undefined

  constructor(token: string) {
    this.#token = token
  }

  async come(gateway: TestGateway): Promise<void> {
    if (this.#client) return
    const resume = this.#cursor === undefined ? {} : { resume: { last_event_id: this.#cursor } }
    const hello = { token: this.#token, protocol_version: 1, subscriptions: ['llm_usage'], ...resume }
    this.#client = await signIn(gateway.url, hello)
    this.#cursor ??= String((await this.#client.next('connection_established'))['position'])
  }

  /** Whether the newest of these has come, or been announced as lost. */
  has(eventId: string): boolean {
    return this.#all().some((message) => (message['event'] as { event_id?: string } | undefined)?.event_id === eventId)
  }

  leave(): void {
    this.seen.splice(0, this.seen.length, ...this.#all())
    const last = this.seen.findLast(({ type }) => type === 'stream_event' || type === 'gap')
    this.#cursor = (last?.['id'] ?? last?.['first_available'] ?? this.#cursor) as string | undefined
    this.#client?.socket.terminate()
    this.#client = undefined
  }

  #all(): Message[] {
    const news = this.#client?.messages.filter(({ type }) => type === 'stream_event' || type === 'gap') ?? []
    return [...this.seen, ...news]
  }
}

/** Everything that was ever stored, and what a reader of a tenant may expect of it. */
class Model {
  readonly run: string
  readonly stored: { readonly id: string; readonly tenant: string; readonly type: string }[] = []

  constructor(run: number) {
    this.run = `run-${run}-`
  }

  /** Fails unless what came and what was announced are together all that the reader may see, once and in order. */
  check(reader: Reader, tenant: string): void {
    const mine = this.stored.filter((event) => event.tenant === tenant && event.type === 'llm_call').map(({ id }) => id)
    let next = 0
    let mayMiss = false
    for (const { type, event } of reader.seen) {
      if (type === 'gap') {
        mayMiss = true
        continue
      }
      const { event_id: id } = event as { event_id: string }
      // A gateway may have been behind when the reader came, and still have had some of the run before to give.
      if (!id.startsWith(this.run)) continue
      const at = mine.indexOf(id)
      // Neither another's, nor one that came before.
      expect(at).toBeGreaterThanOrEqual(next)
      if (!mayMiss) expect(at).toBe(next)
      mayMiss = false
      next = at + 1
    }
    expect(next).toBe(mine.length)
  }
}

async function play(steps: readonly Step[], redis: RedisServer, gateways: readonly TestGateway[], run: number) {
  const model = new Model(run)
  const readers = await Promise.all(
    tenants.map(async (tenant) => new Reader(await aToken({ tenant_id: tenant, permissions: ['all'] }))),
  )
  const [first, second] = gateways as [TestGateway, TestGateway]
  const append = async (facts: readonly (readonly [string, string])[], twice: boolean) => {
    const events = facts.map(([tenant, type]) =>
      anEvent({
        tenant_id: tenant,
        event_type: type as 'llm_call',
        event_id: `${model.run}${model.stored.length + 1}-${Math.random()}`,
      }),
    )
    for (const event of events)
      model.stored.push({ id: event.event_id, tenant: String(event.tenant_id), type: event.event_type })
    const store = () => first.stream.append(events).catch(() => undefined)
    while ((await store()) === undefined);
    if (twice) await store()
  }
  for (const reader of readers) await reader.come(first)
  for (const move of steps) {
    if (move.kind === 'publish') await append(move.events, move.twice)
    if (move.kind === 'leave') for (const reader of readers) reader.leave()
    if (move.kind === 'come') for (const reader of readers) await reader.come(move.gateway === 0 ? first : second)
    if (move.kind === 'trim') await redis.client.xtrim('auren:events', 'MAXLEN', move.keep)
    if (move.kind === 'cut') await redis.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    if (move.kind === 'pause') await redis.client.call('CLIENT', 'PAUSE', '20', 'ALL')
  }
  for (const reader of readers) await reader.come(second)
  await append(
    tenants.map((tenant) => [tenant, 'llm_call'] as const),
    false,
  )
  for (const [index, reader] of readers.entries()) {
    const last = model.stored.at(index - tenants.length)?.id ?? ''
    await until('the last event has come', () => reader.has(last))
    reader.leave()
    model.check(reader, tenants[index] ?? '')
  }
}

describe('the promise of the feed', () => {
  it('is that what came and what was announced are all one may see, once and in order, whatever happens', async () => {
    const redis = await startRedis()
    // One that remembers everything, and one that has to read the stream for whoever comes back.
    const gateways = [
      await aGateway({ stream: redis.url, jwtSecret: secret, maxConnectionsPerUser: 1_000 }),
      await aGateway({ stream: redis.url, jwtSecret: secret, maxConnectionsPerUser: 1_000, windowBytes: 3_000 }),
    ]
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 16 }), (steps) =>
        play(steps, redis, gateways, (run += 1)),
      ),
      { numRuns: 15 },
    )
  })
})
