import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from './free-port.ts'
import { requireProgram } from './programs.ts'
import { until } from './until.ts'

export interface Topology {
  /** Without the stream: `redis+sentinel://…` or `redis+cluster://…`. */
  readonly url: string
  /** A client of the node that takes the writes of a key now. */
  masterOf(key: string): Promise<Redis>
  /** Kills that of the keys that end with `{3}`, does what is to be done while none takes writes, and resolves when another one does. */
  failOver(meanwhile: () => Promise<unknown>): Promise<void>
  close(): Promise<void>
}

/** Processes of redis-server with what they hold, ended by pid all together. */
class Servers {
  readonly #folder = mkdtempSync(join(tmpdir(), 'auren-topology-'))
  readonly #processes = new Map<number, ChildProcess>()
  readonly #clients: Redis[] = []

  async start(...options: readonly string[]): Promise<number> {
    const port = await freePort()
    // A Sentinel writes what it learns into its file; any other server may have one, too.
    const file = join(this.#folder, `${port}.conf`)
    writeFileSync(file, ['port ' + port, 'bind 127.0.0.1', 'save ""', `dir ${this.#folder}`, ...options].join('\n'))
    const mode = options.some((option) => option.startsWith('sentinel')) ? ['--sentinel'] : []
    const server = spawn(requireProgram('redis-server', 'redis-server'), [file, ...mode], { stdio: 'ignore' })
    this.#processes.set(port, server)
    await until('a Redis answers', async () => (await this.client(port).ping()) === 'PONG')
    return port
  }

  client(port: number): Redis {
    const known = this.#clients.find(({ options }) => options.port === port)
    if (known) return known
    const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null })
    client.on('error', () => undefined)
    this.#clients.push(client)
    return client
  }

  async kill(port: number): Promise<void> {
    const server = this.#processes.get(port)
    if (server?.exitCode !== null || server.signalCode !== null) return
    const exited = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGKILL')
    await exited
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.disconnect()
    await Promise.all([...this.#processes.keys()].map((port) => this.kill(port)))
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

export interface Watched extends Topology {
  /** From now on the master keeps what is written to itself, so that a failover loses it. */
  cutOffReplicas(): Promise<void>
}

/** A master with two replicas, and a Sentinel that watches them. The first Sentinel of the URL is not there. */
export async function startWatched(): Promise<Watched> {
  const servers = new Servers()
  const first = await servers.start()
  const replica = () => servers.start(`replicaof 127.0.0.1 ${first}`)
  const replicas = await Promise.all([replica(), replica()])
  const sentinel = await servers.start(
    `sentinel monitor team 127.0.0.1 ${first} 1`,
    'sentinel down-after-milliseconds team 500',
    'sentinel failover-timeout team 5000',
  )
  return team(servers, sentinel, replicas)
}

/** What the Sentinel at this port calls `team`. */
async function team(servers: Servers, sentinel: number, replicas: readonly number[]): Promise<Watched> {
  const say = servers.client(sentinel)
  const masterPort = async () =>
    Number(((await say.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'team')) as string[])[1])
  await until('the Sentinel knows both replicas', async () =>
    ((await say.call('SENTINEL', 'REPLICAS', 'team')) as unknown[]).length === 2,
  ) // prettier-ignore
  const untilReplicated = (master: number) =>
    until('the replicas have everything', async () =>
      /state=online.*lag=0[\s\S]*state=online.*lag=0/.test(await servers.client(master).info('replication')),
    )
  let areCutOff = false
  return {
    url: `redis+sentinel://127.0.0.1:1,127.0.0.1:${sentinel}/team`,
    masterOf: async () => servers.client(await masterPort()),
    failOver: async (meanwhile) => {
      const lost = await masterPort()
      if (!areCutOff) await untilReplicated(lost)
      await servers.kill(lost)
      await meanwhile()
      await until('another one is master', async () => {
        const port = await masterPort()
        return port !== lost && /role:master/.test(await servers.client(port).info('replication'))
      })
    },
    cutOffReplicas: async () => {
      await untilReplicated(await masterPort())
      // Nobody listens on port 1; the Sentinel leaves it so for forty seconds.
      for (const port of replicas) await servers.client(port).replicaof('127.0.0.1', 1)
      areCutOff = true
    },
    close: () => servers.close(),
  }
}

/** A cluster of two masters, of which that of the lower slots has a replica. The first node of the URL is not there. */
export async function startCluster(): Promise<Topology> {
  const servers = new Servers()
  const [one, other, two] = (await Promise.all(
    ['one', 'other', 'two'].map((name) => servers.start('cluster-enabled yes', `cluster-config-file ${name}.conf`)),
  )) as [number, number, number]
  let [master, replica] = [one, two]
  const say = (port: number, ...words: [string, ...string[]]) => servers.client(port).call('CLUSTER', ...words)
  await say(master, 'ADDSLOTSRANGE', '0', '8191')
  await say(other, 'ADDSLOTSRANGE', '8192', '16383')
  for (const port of [other, replica]) await say(port, 'MEET', '127.0.0.1', String(master))
  const id = String(await say(master, 'MYID'))
  await until('the replica knows the master', async () => (await say(replica, 'REPLICATE', id).catch(() => '')) === 'OK') // prettier-ignore
  for (const port of [master, other]) await until('the cluster serves', async () => /cluster_state:ok/.test(String(await say(port, 'INFO')))) // prettier-ignore
  await until('the replica follows', async () => /master_link_status:up/.test(await servers.client(replica).info('replication'))) // prettier-ignore
  return {
    url: `redis+cluster://127.0.0.1:1,127.0.0.1:${master},127.0.0.1:${replica}`,
    masterOf: async (key) => servers.client(Number(await say(other, 'KEYSLOT', key)) < 8_192 ? master : other),
    failOver: async (meanwhile) => {
      await until('the replica has everything', async () => /state=online.*lag=0/.test(await servers.client(master).info('replication'))) // prettier-ignore
      await servers.kill(master)
      await meanwhile()
      await say(replica, 'FAILOVER', 'TAKEOVER')
      await until('the replica is master', async () => /role:master/.test(await servers.client(replica).info('replication'))) // prettier-ignore
      ;[master, replica] = [replica, master]
    },
    close: () => servers.close(),
  }
}
