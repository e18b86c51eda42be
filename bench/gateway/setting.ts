import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openStream } from '../../src/streams/open-stream.ts'
import type { EventStream } from '../../src/streams/event-stream.ts'
import type { GatewayOptions } from '../../src/gateway/settings.ts'
import { reportOf } from './messages.ts'
import type { Order } from './messages.ts'
import { RedisProcess } from './redis.ts'

export const kinds = ['stringify', 'shared', 'socket.io', 'auren'] as const
export type Kind = (typeof kinds)[number]

/** One server with a Redis of its own, and processes of clients. Everything ends with `close`. */
export class Setting {
  readonly redis: RedisProcess
  readonly stream: EventStream
  readonly server: ChildProcess
  readonly url: string
  readonly #children: ChildProcess[]

  private constructor(redis: RedisProcess, stream: EventStream, server: ChildProcess, url: string) {
    this.redis = redis
    this.stream = stream
    this.server = server
    this.url = url
    this.#children = [server]
  }

  /** `options` are for `auren`. */
  static async start(kind: Kind, options: GatewayOptions = {}): Promise<Setting> {
    const redis = new RedisProcess()
    await redis.start()
    const stream = await openStream(redis.url)
    const server = child('server.ts', kind, redis.url, JSON.stringify(options))
    const { ready } = await reportOf(server, 'ready')
    return new Setting(redis, stream, server, ready)
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

  async usage(of: 'cpu' | 'memory'): Promise<{ readonly cpuSeconds: number; readonly rss: number }> {
    order(this.server, { usage: of })
    return reportOf(this.server, 'cpuSeconds')
  }

  async close(): Promise<void> {
    await this.stream.close()
    for (const process of this.#children.reverse()) {
      if (process.exitCode !== null || process.signalCode !== null) continue
      process.kill('SIGKILL')
      await once(process, 'exit')
    }
    await this.redis.close()
  }
}

/** A program of the benchmark as a process that can be talked to. */
export function child(file: string, ...args: string[]): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url))
  return fork(path, args, { execArgv: ['--expose-gc'], env: { ...process.env, NODE_ENV: 'production' } })
}

export function order(child: ChildProcess, what: Order): void {
  child.send(what)
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)

export const percentile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? NaN
