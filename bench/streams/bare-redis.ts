import { Redis } from 'ioredis'
import { toFieldList } from '../../src/events/field-list.ts'
import type { Bare } from './bare.ts'

/** `XADD` in a pipeline, `XRANGE` by 500, `XREAD BLOCK`. */
export function bareRedis(url: string, key: string): Bare {
  const [client, waiting] = [new Redis(url), new Redis(url)]
  let open = true
  return {
    append: async (events) => {
      const pipeline = client.pipeline()
      for (const event of events) pipeline.xadd(key, 'MAXLEN', '~', 100_000, '*', ...toFieldList(event))
      await pipeline.exec()
    },
    openTail: () =>
      Promise.resolve(async (count) => {
        for (let [read, after] = [0, '0-0']; read < count;) {
          const entries = await client.xrange(key, `(${after}`, '+', 'COUNT', 500)
          read += entries.length
          after = entries.at(-1)?.[0] ?? after
        }
      }),
    follow: async (onEntry) => {
      let after = (await client.xrevrange(key, '+', '-', 'COUNT', 1))[0]?.[0] ?? '0-0'
      void (async () => {
        while (open) {
          const [stream] = (await waiting.xread('COUNT', 500, 'BLOCK', 1_000, 'STREAMS', key, after)) ?? []
          for (const [id] of stream?.[1] ?? []) {
            after = id
            onEntry()
          }
        }
      })().catch(() => undefined)
    },
    close: async () => {
      open = false
      await Promise.all([client.quit(), waiting.quit()])
    },
  }
}
