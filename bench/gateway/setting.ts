import { fork, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openStream } from '../../src/streams/open-stream.ts'
import type { EventStream } from '../../src/streams/event-stream.ts'
import { reportOf } from './messages.ts'
import type { Order } from './messages.ts'

export const kinds = ['stringify', 'shared', 'socket.io', 'auren'] as const
export type Kind = (typeof kinds)[number]

/** One server with a Redis of its own, and processes of clients. Everything ends with `close`. */
export class Setting {
  readonly redisUrl: string
  readonly stream: EventStream
  readonly server: ChildProcess
  readonly url: string
  readonly #folder: string
  readonly #children: ChildProcess[]

  private constructor(
    redisUrl: string,
    stream: EventStream,
    server: ChildProcess,
    url: string,
    folder: string,
    redis: ChildProcess,
  ) {
    this.redisUrl = redisUrl
    this.stream = stream
    this.server = server
    this.url = url
    this.#folder = folder
    this.#children = [redis, server]
  }

  static async start(kind: Kind, ...options: readonly string[]): Promise<Setting> {
    const folder = mkdtempSync(join(tmpdir(), 'auren-bench-'))
    const path = join(folder, 'redis.sock')
    const port = 20_000 + (process.pid % 20_000) + Math.floor(Math.random() * 1_000)
    const args = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--unixsocket',
      path,
    ]
    const redis = spawn('redis-server', args, { stdio: 'ignore', cwd: folder })
    process.once('exit', () => redis.kill('SIGKILL'))
    const redisUrl = `redis://127.0.0.1:${port}`
    const stream = await openStream(redisUrl)
    for (let tries = 0; ; tries += 1) {
      const isUp = await stream.info().then(() => true, () => false) // prettier-ignore
      if (isUp) break
      if (tries > 100) throw new Error('redis-server does not answer')
      await sleep(50)
    }
    const server = child('server.ts', kind, redisUrl, ...options)
    const { ready } = await reportOf(server, 'ready')
    return new Setting(redisUrl, stream, server, ready, folder, redis)
  }

  /** Clients in processes of their own, all of them let in. */
  async load(kind: Kind, sockets: number, groups: number, processes = 2): Promise<ChildProcess[]> {
    const loads = this.clients(kind, sockets, { groups, processes })
    await Promise.all(loads.map((load) => reportOf(load, 'connected')))
    return loads
  }

  /** The same, which are only on their way. */
  clients(kind: Kind, sockets: number, { groups = 1, processes = 2, cursor = '' }): ChildProcess[] {
    const args = [this.url, kind, String(sockets / processes), String(groups), cursor]
    const loads = Array.from({ length: processes }, () => child('load.ts', ...args))
    this.#children.push(...loads)
    return loads
  }

  async usage(): Promise<{ readonly cpuSeconds: number; readonly rss: number }> {
    order(this.server, { usage: true })
    return reportOf(this.server, 'cpuSeconds')
  }

  async close(): Promise<void> {
    await this.stream.close()
    for (const process of this.#children.reverse()) {
      if (process.exitCode !== null || process.signalCode !== null) continue
      process.kill('SIGKILL')
      await once(process, 'exit')
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function child(file: string, ...args: string[]): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url))
  return fork(path, args, { execArgv: ['--expose-gc'], env: { ...process.env, NODE_ENV: 'production' } })
}

export function order(child: ChildProcess, what: Order): void {
  child.send(what)
}

export const percentile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? NaN
