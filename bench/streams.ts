// What the streams cost beside the bare client library: `npm run bench:streams`. Redis and the broker are real and of the run's own;
// ways take turns, so that the ratios hold on a busy machine, too. Without Java or Maven there is no Kafka in it, and it says so.
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Admin } from '@platformatic/kafka'
import { startBroker } from '../test/kafka/broker.ts'
import { prepareKafka } from '../test/kafka/kafka-software.ts'
import { RedisProcess } from './gateway/redis.ts'
import { bareBoth } from './streams/bare-both.ts'
import { bareKafka } from './streams/bare-kafka.ts'
import { bareRedis } from './streams/bare-redis.ts'
import { bareSqlite } from './streams/bare-sqlite.ts'
import { contest, rounds, tableHead } from './streams/contest.ts'
import type { Contender } from './streams/contest.ts'
import { batch, count, measureBare, measureOurs } from './streams/measure.ts'

const folder = mkdtempSync(join(tmpdir(), 'auren-bench-'))
const redis = new RedisProcess()
await redis.start()
const trouble = prepareKafka()
const broker = trouble === undefined ? await startBroker() : undefined

const file = () => join(folder, `${randomUUID()}.db`)
const aStream = (query = '') => `${redis.url}?stream=${randomUUID()}&maxlen=100000${query}`
const oneKey = () => bareRedis(redis.url, randomUUID())

const sqlite: Contender = {
  name: 'SQLite',
  ours: () => measureOurs(`sqlite:${file()}?maxlen=100000`),
  bare: () => measureBare(bareSqlite(file())),
}
const inOneKey: Contender = {
  name: 'Redis',
  ours: () => measureOurs(aStream()),
  bare: () => measureBare(oneKey()),
}
/** The same library on one key: what dividing costs where there is one node only. */
const inEightKeys: Contender = { ...inOneKey, name: 'Redis × 8', ours: () => measureOurs(aStream('&streams=8')) }

function ofKafka(address: string): Contender[] {
  const aTopic = async () => {
    const topic = randomUUID()
    const admin = new Admin({ clientId: 'bench', bootstrapBrokers: [address], retries: 10, retryDelay: 100 })
    await admin.createTopics({ topics: [topic], partitions: 3 })
    await admin.close()
    return bareKafka(address, topic)
  }
  const url = () => `kafka://${address}/${randomUUID()}`
  const kafka = { name: 'Kafka', ours: () => measureOurs(url()), bare: async () => measureBare(await aTopic()) }
  const both = {
    name: 'Redis, Kafka',
    ours: () => measureOurs(`${aStream()},${url()}`),
    bare: async () => measureBare(bareBoth(oneKey(), await aTopic())),
  }
  return [kafka, both]
}

const redisVersion = /v=(\S+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1]
console.log(
  `node ${process.version}, SQLite ${process.versions['sqlite']}, Redis ${redisVersion}, ${cpus().length} × ${cpus()[0]?.model}, ` +
    `load before ${loadavg()[0]?.toFixed(1)}; median of ${rounds} rounds`,
)
console.log(
  `${count} events in appends of ${batch}; tail in pages of 500, decoded and checked by us only. In brackets:`,
)
console.log(`how many times the time, the CPU and the median wait of the library alone, which cannot wait for SQLite\n`)
console.log(tableHead)
try {
  for (const contender of [sqlite, inOneKey, inEightKeys, ...(broker ? ofKafka(broker.address) : [])])
    console.log(await contest(contender))
  if (trouble !== undefined) console.log(`\nKafka was NOT measured: ${trouble}`)
} finally {
  await Promise.all([redis.close(), broker?.remove()])
  rmSync(folder, { recursive: true, force: true })
}
