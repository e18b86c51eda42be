import { Redis } from 'ioredis'
import type { RedisOptions } from 'ioredis'
import { invalidUrl, parseStreamUrl } from './stream-url.ts'

/** Where the Redis is that takes a stream's writes: at an address, named by Sentinels, or one of a cluster's nodes. */
export interface RedisTarget {
  /** The URL without its credentials and options. */
  readonly name: string
  /** Whether all keys are where one of them is. */
  readonly isOneNode: boolean
  /** The hash beside a stream. In a cluster it has to stand on the same node. */
  metaKey(streamKey: string): string
  /** A client that is not connected yet. Rejects when nobody can say where to. */
  client(streamKey: string, settings: ClientOptions): Promise<Redis>
}

/** Options of the client's, which speaks RESP2: its replies are arrays. */
export type ClientOptions = Omit<RedisOptions, 'replyMapping' | 'protocol'> & { readonly protocol: 2 }

interface Node {
  readonly host: string
  readonly port: number
}

interface Parts {
  readonly name: string
  readonly login: Pick<RedisOptions, 'username' | 'password' | 'tls'>
  readonly nodes: readonly Node[]
  readonly path: string
  readonly query: URLSearchParams
}

/**
 * `redis://…`, `rediss://…`, `redis+sentinel://[user:password@]host[:26379][,…]/master[?db=][&sentinel_password=]` or
 * `redis+cluster://[user:password@]host[:6379][,…]`; `rediss+…` with TLS. Throws AUREN_STREAM_URL_INVALID, which never repeats it.
 */
export function redisTarget(url: string): RedisTarget {
  const [, tls, kind] = /^redis(s?)\+(sentinel|cluster):\/\//.exec(url) ?? []
  if (kind === undefined) return addressed(url)
  const parts = partsOf(url, kind === 'sentinel' ? 26_379 : 6_379, tls === 's')
  return kind === 'sentinel' ? watched(parts) : clustered(parts)
}

const besideIt = (key: string) => `${key}:meta`

function addressed(url: string): RedisTarget {
  if (!URL.canParse(url)) throw invalidUrl('it is no URL')
  const { protocol, host, pathname } = new URL(url)
  return {
    name: `${protocol}//${host}${pathname}`,
    isOneNode: true,
    metaKey: besideIt,
    client: (_, settings) => Promise.resolve(new Redis(url, settings)),
  }
}

/** ioredis asks the Sentinels at every connection, so that one that was lost is made to the new master. */
function watched({ name, login, nodes, path, query }: Parts): RedisTarget {
  if (!/^[\w.-]+$/.test(path))
    throw invalidUrl('behind the Sentinels comes the name of the master, as in …:26379/mymaster')
  const db = query.get('db') ?? '0'
  if (!/^\d{1,4}$/.test(db)) throw invalidUrl('db is to be a number')
  const sentinelPassword = query.get('sentinel_password')
  const options = {
    ...login,
    sentinels: [...nodes],
    name: path,
    db: Number(db),
    // They are all asked once; the caller's next call asks again.
    sentinelRetryStrategy: () => null,
    ...(sentinelPassword === null ? {} : { sentinelPassword }),
    ...(login.tls === undefined ? {} : { enableTLSForSentinelMode: true }),
  }
  return {
    name,
    isOneNode: true,
    metaKey: besideIt,
    client: (_, settings) => Promise.resolve(new Redis({ ...settings, ...options })),
  }
}

/**
 * A stream is one key and stands on one node: a client that knows all nodes is not needed, only one that asks again where the key
 * is when its node is lost or says MOVED.
 */
function clustered({ name, login, nodes: seeds, path }: Parts): RedisTarget {
  if (path !== '') throw invalidUrl('a cluster has no numbered databases, so that nothing comes behind its hosts')
  let nodes = seeds
  return {
    name,
    isOneNode: false,
    // The braces make Redis place it by what is between them; a key that has some of its own is placed by those.
    metaKey: (key) => (/\{[^}]+\}/.test(key) ? besideIt(key) : besideIt(`{${key}}`)),
    client: async (key, settings) => {
      const found = await locate(key, nodes, { ...settings, ...login })
      nodes = [...seeds, ...found.others]
      return new Redis({ ...settings, ...login, ...found.master })
    },
  }
}

async function locate(key: string, nodes: readonly Node[], options: ClientOptions) {
  let reason: unknown
  for (const node of nodes) {
    const client = new Redis({ ...options, ...node })
    client.on('error', (error) => (reason = error))
    try {
      await client.connect()
      const slot = Number(await client.cluster('KEYSLOT', key))
      const ranges = await client.cluster('SLOTS')
      // A node that does not know its own address leaves it out.
      const at = ([host, port]: readonly [string, number, ...unknown[]]): Node => ({ host: host || node.host, port })
      const [, , master] = ranges.find(([from, to]) => from <= slot && slot <= to) ?? []
      if (master === undefined) throw new Error('the cluster serves no such slot')
      return { master: at(master), others: ranges.flatMap(([, , ...served]) => served.map(at)) }
    } catch (error) {
      reason ??= error
    } finally {
      client.disconnect()
    }
  }
  throw reason
}

function partsOf(url: string, defaultPort: number, usesTls: boolean): Parts {
  const { scheme, user, password, hosts, path, query } = parseStreamUrl(url, 'redis+sentinel://host:26379/mymaster')
  return {
    name: `${scheme}://${hosts.join(',')}${path && `/${path}`}`,
    login: {
      ...(user === '' ? {} : { username: user }),
      ...(password === undefined ? {} : { password }),
      ...(usesTls ? { tls: {} } : {}),
    },
    nodes: hosts.map((host) => nodeOf(host, defaultPort)),
    path,
    query: new URLSearchParams(query),
  }
}

function nodeOf(text: string, defaultPort: number): Node {
  const [matched, host = '', port] = /^([\w.-]+|\[[\da-f:]+\])(?::(\d{1,5}))?$/i.exec(text) ?? []
  if (matched === undefined) throw invalidUrl('each of its hosts is to be host or host:port')
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? defaultPort) }
}
