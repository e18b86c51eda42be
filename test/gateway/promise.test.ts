import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anEvent } from '../support/events.ts'
import { aGateway, aToken, secret } from '../support/gateway.ts'
import type { TestGateway } from '../support/gateway.ts'
import { Replica } from '../support/redis-replica.ts'
import { startRedis } from '../support/redis-server.ts'
import type { RedisServer } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import { choice, ways } from '../support/ways-to-read.ts'
import type { Connection, Way } from '../support/ways-to-read.ts'
import type { Message } from '../support/ws-client.ts'

const tenants = ['red', 'blue'] as const
const traces = { red: 'a'.repeat(32), blue: 'b'.repeat(32) }
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
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('choose' as const), tools: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('trim' as const), keep: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('copy' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail over' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** One reader over all its connections: it keeps its place, as a client is told to. It wants model calls always, and tools at times. */
class Reader {
  /** Events and gaps as they came, and among them from where on tools were wanted or not. */
  readonly seen: Message[] = []
  readonly #token: string
  readonly #way: Way
  #gateway: TestGateway | undefined
  #connection: Connection | undefined
  #cursor: string | undefined
  #wantsTools = false

  constructor(token: string, way: Way) {
    this.#token = token
    this.#way = way
  }

  async come(gateway: TestGateway): Promise<void> {
    if (this.#connection) return
    this.#gateway = gateway
    this.seen.push(choice(this.#wantsTools))
    const [token, cursor, tools] = [this.#token, this.#cursor, this.#wantsTools]
    this.#connection = await this.#way({ gateway, token, cursor, tools })
  }

  async choose(tools: boolean): Promise<void> {
    if (this.#wantsTools === tools) return
    this.#wantsTools = tools
    if (this.#connection?.choose) return this.#connection.choose(tools)
    const gateway = this.#connection && this.#gateway
    this.leave()
    if (gateway) await this.come(gateway)
  }

  /** Whether the newest of these has come, or been announced as lost. */
  has(eventId: string): boolean {
    return this.#all().some((message) => (message['event'] as { event_id?: string } | undefined)?.event_id === eventId)
  }

  leave(): void {
    this.seen.push(...(this.#connection?.messages() ?? []))
    this.#cursor = this.#connection?.cursor() ?? this.#cursor
    this.#connection?.close()
    this.#connection = undefined
  }

  #all(): readonly Message[] {
    return [...this.seen, ...(this.#connection?.messages() ?? [])]
  }
}

interface Entry {
  readonly id: string
  readonly tenant: string
  readonly type: string
  /** Whether the stream said that it has it. */
  readonly isSure: boolean
}

/** Everything that was ever stored, in order, and what a reader of a tenant may expect of it. */
class Model {
  readonly run: string
  readonly entries: Entry[] = []
  /** Events that a failover took: who has not seen them may not be told, as no gateway may have. */
  readonly taken = new Set<string>()

  constructor(run: number) {
    this.run = `run-${run}-`
  }

  /** Fails unless what came and what was announced are together all that the reader may see, once and in order. */
  check(reader: Reader, tenant: string): void {
    const mine = this.entries.filter((entry) => entry.tenant === tenant)
    const came = new Set<string>()
    /** What need not come: announced, or not wanted when it was its turn. */
    const excused = new Set(this.taken)
    // Index of the next entry that may come, and what may be missing before it.
    let [next, isAnnounced, wantsTools, wantedTools] = [0, false, false, false]
    let isAnotherStream = false
    const isWanted = ({ type }: Entry) => type === 'llm_call' || wantedTools
    const isMissed = (entry: Entry) => entry.isSure && isWanted(entry) && !came.has(entry.id) && !excused.has(entry.id)
    for (const { type, reason, event, tools } of reader.seen) {
      if (type === 'choice') {
        wantsTools = tools === true
        wantedTools &&= wantsTools
      } else if (type === 'gap') {
        isAnnounced = true
        isAnotherStream ||= reason === 'epoch_changed'
      } else {
        const { event_id: id, event_type: kind } = event as { event_id: string; event_type: string }
        // A gateway may have been behind when the reader came, and still have had some of the run before to give.
        if (!id.startsWith(this.run)) continue
        if (came.has(id)) expect(isAnotherStream).toBe(true)
        if (kind === 'tool_usage') expect(wantsTools).toBe(true)
        if (came.has(id)) continue
        const at = mine.findIndex((entry, index) => index >= next && entry.id === id)
        // Neither another's, nor one that came before.
        expect(at).toBeGreaterThanOrEqual(next)
        const skipped = mine.slice(next, at)
        if (!isAnnounced) expect(skipped.filter(isMissed)).toEqual([])
        // What was stored twice may still come by its second entry, but need not.
        for (const entry of skipped) if (isAnnounced || !isWanted(entry)) excused.add(entry.id)
        came.add(id)
        ;[next, isAnnounced, wantedTools] = [at + 1, false, wantsTools]
      }
    }
    expect(mine.slice(next).filter(isMissed)).toEqual([])
  }
}

interface Stage {
  readonly redis: RedisServer
  /** Of the stream. */
  readonly keys: readonly string[]
  readonly gateways: readonly TestGateway[]
}

async function play(steps: readonly Step[], { redis, keys, gateways }: Stage, run: number) {
  const model = new Model(run)
  const replica = new Replica(redis, keys)
  const readers = await Promise.all(
    tenants.map(async (tenant, index) => {
      const token = await aToken({ tenant_id: tenant, permissions: ['all'] })
      return new Reader(token, ways[(run + index) % ways.length] as Way)
    }),
  )
  const [first, second] = gateways as [TestGateway, TestGateway]
  const append = async (facts: readonly (readonly [string, string])[], twice: boolean) => {
    const events = facts.map(([tenant, type]) =>
      anEvent({
        tenant_id: tenant,
        // In several keys, too, there is an order among the events of one tenant.
        trace_id: traces[tenant as keyof typeof traces],
        event_type: type as 'llm_call',
        event_id: `${model.run}${randomUUID()}`,
      }),
    )
    const store = async () => {
      const isSure = await first.stream.append(events).then(() => true, () => false) // prettier-ignore
      for (const { event_id: id, tenant_id: tenant, event_type: type } of events)
        model.entries.push({ id, tenant: String(tenant), type, isSure })
      return isSure
    }
    while (!(await store()));
    if (twice) await store()
  }
  const everybody = async (does: (reader: Reader) => unknown) => void (await Promise.all(readers.map(does)))
  const failOver = async () => {
    const kept = await replica.failOver()
    for (const { id } of kept === undefined ? [] : model.entries.slice(kept)) model.taken.add(id)
  }
  const { client } = redis
  const moves: { readonly [K in Step['kind']]: (move: Extract<Step, { kind: K }>) => unknown } = {
    publish: ({ events, twice }) => append(events, twice),
    leave: () => everybody((reader) => reader.leave()),
    come: ({ gateway }) => everybody((reader) => reader.come(gateway === 0 ? first : second)),
    choose: ({ tools }) => everybody((reader) => reader.choose(tools)),
    trim: ({ keep }) => Promise.all(keys.map((key) => client.xtrim(key, 'MAXLEN', keep))),
    copy: () => replica.copy(model.entries.length),
    'fail over': failOver,
    flush: () => client.flushall(),
    cut: () => client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
    pause: () => client.call('CLIENT', 'PAUSE', '20', 'ALL'),
  }
  await everybody((reader) => reader.come(first))
  for (const move of steps) await (moves[move.kind] as (move: Step) => unknown)(move)
  await everybody((reader) => reader.come(second))
  await append(
    tenants.map((tenant) => [tenant, 'llm_call'] as const),
    false,
  )
  for (const [index, reader] of readers.entries()) {
    const last = model.entries.at(index - tenants.length)?.id ?? ''
    await until('the last event has come', () => reader.has(last))
    reader.leave()
    model.check(reader, tenants[index] ?? '')
  }
}

describe('the promise of the feed', () => {
  it.each([
    ['one key', '', ['auren:events']],
    ['two keys', '?streams=2', ['auren:events:{0}', 'auren:events:{1}']],
  ])(
    'is that what came and what was announced are all one may see, once and in order, whatever happens, of a stream in %s',
    async (_, query, keys) => {
      const redis = await startRedis()
      const stream = redis.url + query
      // One that remembers everything, and one that has to read the stream for whoever comes back.
      const gateways = [
        await aGateway({ stream, jwtSecret: secret, maxConnectionsPerUser: 1_000 }),
        await aGateway({ stream, jwtSecret: secret, maxConnectionsPerUser: 1_000, windowBytes: 3_000 }),
      ]
      let run = 0
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 16 }), (steps) =>
          play(steps, { redis, keys, gateways }, (run += 1)),
        ),
        // Looking for a smaller life that fails takes longer than a test may, and the seed would be lost with it.
        { numRuns: 25, endOnFailure: true },
      )
    },
  )
})
