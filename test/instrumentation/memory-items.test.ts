import { describe, expect, it, onTestFinished } from 'vitest'
import { openStream } from '../../src/streams/open-stream.ts'
import { startPostgres } from '../support/postgres.ts'
import { startNode, temporaryLog } from '../support/processes.ts'
import { startRedis } from '../support/redis-server.ts'

/** Runs work of an agent in a process that is observed as users observe it, and gives the accesses that it published. */
async function accesses(imports: string, work: string, preload = true): Promise<unknown[][]> {
  const log = temporaryLog()
  const lines = `import { agent, startAuren } from 'auren-observability'; ${imports} await agent('lead', async () => { ${work} });`
  const register = preload ? ['--import', 'auren-observability/register'] : []
  const process = startNode([...register, '--input-type=module', '--eval', lines], {
    AUREN_STREAM_URL: log,
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
  })
  expect(await process.exited(), process.stderr()).toBe(0)
  expect(process.stderr()).toBe('')
  const stream = await openStream(log)
  onTestFinished(() => stream.close())
  const events = (await stream.recent(100)).map(({ event }) => event).reverse()
  expect(JSON.stringify(events)).not.toContain('s3cret')
  return events
    .filter(({ event_type: type }) => type === 'memory_tier_access')
    .map(({ payload }) => [payload['operation'], payload['cache_hit'], payload['items_retrieved']])
}

/** Operation, hit, items. */
const ofRedis = [
  ['set', undefined, undefined],
  ['get', true, 1],
  ['get', false, 0],
  ['hset', undefined, undefined],
  ['hgetall', true, 1],
  ['hgetall', false, 0],
  ['mget', true, 1],
  ['exists', true, 1],
  ['rpush', undefined, undefined],
  ['lrange', true, 2],
  ['lrange', false, 0],
  ['incr', undefined, undefined],
  ['get', true, 1],
  ['zrange', undefined, undefined],
]

describe('an agent process that is observed with --import', () => {
  it('says of the reads of ioredis whether they found something, in pipelines too, and never what', async () => {
    const redis = await startRedis()
    const found = await accesses(
      `import { Redis } from 'ioredis'; const client = new Redis(${redis.port}, '127.0.0.1');`,
      `await client.set('baseline', 's3cret'); await client.get('baseline'); await client.get('other');
       await client.hset('profile', 'weight', 's3cret'); await client.hgetall('profile'); await client.hgetall('other');
       await client.mget('baseline', 'other'); await client.exists('baseline', 'other');
       await client.rpush('sessions', 's3cret', 's3cret'); await client.lrange('sessions', 0, -1); await client.lrange('other', 0, -1);
       await client.multi().incr('count').get('count').exec();
       await client.zrange('other', 0, -1, 'WITHSCORES'); await client.quit();`,
    )
    expect(found).toEqual(ofRedis)
  })

  it('says the same of the reads of redis', async () => {
    const redis = await startRedis()
    const found = await accesses(
      `import { createClient } from 'redis'; const client = createClient({ url: '${redis.url}' });`,
      `await client.connect();
       await client.set('baseline', 's3cret'); await client.get('baseline'); await client.get('other');
       await client.hSet('profile', 'weight', 's3cret'); await client.hGetAll('profile'); await client.hGetAll('other');
       await client.mGet(['baseline', 'other']); await client.exists(['baseline', 'other']);
       await client.rPush('sessions', ['s3cret', 's3cret']); await client.lRange('sessions', 0, -1); await client.lRange('other', 0, -1);
       await client.multi().incr('count').get('count').exec();
       await client.zRangeWithScores('other', 0, -1); await client.close();`,
    )
    expect(found).toEqual(ofRedis)
  })

  it('says how many rows a query of PostgreSQL found, and nothing of what a write changed', async () => {
    const { port } = await startPostgres()
    const found = await accesses(
      `import pg from 'pg'; const client = new pg.Client({ host: '127.0.0.1', port: ${port}, user: 'postgres', database: 'postgres' });`,
      `await client.connect();
       await client.query('CREATE TABLE memories (athlete text, note text)');
       await client.query('INSERT INTO memories VALUES ($1, $2), ($1, $2)', ['a-17', 's3cret']);
       await client.query('SELECT note FROM memories WHERE athlete = $1', ['a-17']);
       await client.query('SELECT note FROM memories WHERE athlete = $1', ['a-99']);
       await client.query('UPDATE memories SET note = $1 RETURNING athlete', ['s3cret']);
       await client.query('SELECT nothing FROM memories').catch(() => undefined);
       await client.end();`,
    )
    expect(found).toEqual([
      ['insert', undefined, undefined],
      ['select', true, 2],
      ['select', false, 0],
      ['update', undefined, undefined],
      ['select', undefined, undefined],
    ])
  })
})

describe('an instrumentation of the user’s own', () => {
  it('keeps its response hook, even one that throws, beside ours', async () => {
    const redis = await startRedis()
    const found = await accesses(
      `import { createRequire } from 'node:module'; import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis';
       let seen = 0;
       const responseHook = (span, command) => { seen += 1; span.setAttribute('db.operation.name', 'my_' + command); throw new Error('s3cret') };
       startAuren({ instrumentations: [new IORedisInstrumentation({ responseHook })] });
       const { Redis } = createRequire(import.meta.url)('ioredis');
       const client = new Redis(${redis.port}, '127.0.0.1');`,
      `await client.get('other'); await client.quit(); if (seen !== 2) throw new Error('seen ' + seen)`,
      false,
    )
    expect(found).toContainEqual(['my_get', false, 0])
  })
})
