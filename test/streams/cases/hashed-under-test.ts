import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { StreamUnderTest } from './opened-stream.ts'

/** A stream in so many keys, which nobody has made yet; `clientOf` says who has a key. */
export function hashedUnderTest(
  url: string,
  clientOf: (key: string) => Promise<Redis>,
  streams: number,
): StreamUnderTest & { readonly keys: readonly string[] } {
  const stream = `test-${randomUUID()}`
  const keys = Array.from({ length: streams }, (_, number) => `${stream}:{${number}}`)
  const each = async (work: (client: Redis, key: string) => Promise<unknown>) => {
    for (const key of keys) await work(await clientOf(key), key)
  }
  return {
    keys,
    url: `${url}?stream=${stream}&streams=${streams}`,
    futureId: keys.map(() => '9999999999999-0').join('.'),
    trim: (keep) => each((client, key) => client.xtrim(key, 'MAXLEN', keep)),
    destroy: () => each((client, key) => client.del(key, `${key}:meta`)),
    addGarbage: async () => {
      const [key = ''] = keys
      await (await clientOf(key)).xadd(key, '*', 'nonsense', '1', 'payload', '{')
    },
  }
}
