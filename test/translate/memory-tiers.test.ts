import { describe, expect, it } from 'vitest'
import { recordedSpans } from '../support/otlp-fixture.ts'
import { received, receivedRequests } from '../support/received.ts'
import { aSpan } from '../support/spans.ts'

const accesses = (recording: string) =>
  received(recording).filter(({ event_type: type }) => type === 'memory_tier_access')

const ioredis = 'set get get hset hget mget get get del incr expire hget del'
const nodeRedis = 'set get get hset get get hget'
const pg = 'insert select select select update'

describe('recorded spans of database clients below an agent', () => {
  it.each([
    ['ioredis/ioredis-latest', 'redis', ioredis],
    ['ioredis/ioredis-older-default', 'redis', ioredis],
    ['redis-v5/redis-older-default', 'redis', nodeRedis],
    ['redis-v5/redis-older-stable', 'redis', nodeRedis],
    ['pg/pg-latest', 'postgresql', pg],
    ['pg/pg-older-default', 'postgresql', pg],
    ['pg/pg-older-stable', 'postgresql', pg],
  ])(
    '%s gives each command of its agent, no housekeeping, no content and no guess of a hit',
    (name, tier, operations) => {
      const found = accesses(name)
      expect(found.map(({ payload }) => payload['operation']).join(' ')).toBe(operations)
      for (const { source_agent: agent, payload } of found) {
        expect(agent?.id).toBe('neuroscientist')
        expect(payload['tier_accessed']).toBe(tier)
        expect(payload).not.toHaveProperty('cache_hit')
        expect(JSON.stringify(payload)).not.toMatch(/athlete|SELECT|INSERT/)
      }
    },
  )

  it.each([
    ['pinecone/traceloop', 'pinecone', 'upsert, query 2, query 0, delete'],
    ['qdrant/traceloop', 'qdrant', 'upsert, search 2, search 0, retrieve, delete'],
    ['qdrant/traceloop-python', 'qdrant', 'upsert, query_points, scroll, delete'],
    // A query of Chroma that found nothing looks like one whose results were not recorded.
    ['chromadb/traceloop-python', 'chromadb', 'add, query 2, query, get, get, peek, update, upsert, delete, query!'],
  ])('%s says what a query found, where its span does', (name, tier, told) => {
    const found = accesses(name).map(({ payload: { tier_accessed, operation, ...payload } }) => {
      expect(tier_accessed).toBe(tier)
      const items = payload['items_retrieved'] as number | undefined
      expect(payload['cache_hit']).toBe(items === undefined ? undefined : items > 0)
      return `${String(operation)}${payload['success'] === true ? '' : '!'}${items === undefined ? '' : ` ${items}`}`
    })
    expect(found.join(', ')).toBe(told)
  })

  it('name the collection', () => {
    for (const name of ['qdrant/traceloop', 'qdrant/traceloop-python'])
      expect(new Set(accesses(name).map(({ payload }) => payload['collection']))).toEqual(new Set(['recovery']))
  })
})

describe('a database span', () => {
  it('gives no event without an agent above it', () => {
    const spans = recordedSpans('ioredis/ioredis-latest').filter(({ scope }) => scope.includes('ioredis'))
    expect(receivedRequests([spans])).toEqual([])
  })

  it.each([
    [{ 'db.system': 'Redis', 'db.statement': 'GET ?' }, 'redis', 'get'],
    [{ 'db.system.name': 'valkey', 'db.operation.name': 'PIPELINE mget' }, 'redis', 'mget'],
    // node-redis, for a transaction of different commands.
    [{ 'db.system.name': 'redis', 'db.operation.name': 'MULTI', 'db.query.text': 'INCR count' }, 'redis', 'incr'],
    [{ 'db.system.name': 'redis', 'db.operation.name': 'FT.SEARCH' }, 'redis', 'ft.search'],
    [{ 'db.system': 'postgres', 'db.statement': 'select 1' }, 'postgresql', 'select'],
    [{ 'db.system': 'chroma', 'db.operation': '_query' }, undefined, undefined],
    [{ 'db.system.name': 'redis', 'db.operation.name': 'exec' }, undefined, undefined],
  ])('of %j is an access of %s: %s', (attributes, tier, operation) => {
    const agent = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'lead' }
    const above = aSpan(agent)
    const [event] = receivedRequests([[aSpan(attributes, { parentSpanId: above.spanId }), above]])
    const payload = event?.event_type === 'memory_tier_access' ? event.payload : {}
    expect([payload['tier_accessed'], payload['operation']]).toEqual([tier, operation])
  })

  it('of a write has no hit or miss, whatever number of rows it states', () => {
    const above = aSpan({ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'lead' })
    const write = { 'db.system.name': 'postgresql', 'db.operation.name': 'UPDATE', 'db.response.returned_rows': 0 }
    const [event] = receivedRequests([[aSpan(write, { parentSpanId: above.spanId }), above]])
    expect(event?.payload).not.toHaveProperty('cache_hit')
  })
})
