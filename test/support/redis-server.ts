import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { onTestFinished } from 'vitest'
import { freePort } from './free-port.ts'
import { until } from './until.ts'
import { requireProgram } from './programs.ts'

export interface RedisServer {
  readonly url: string
  readonly port: number
  /** A plain client, for what a test does behind the driver's back. */
  readonly client: Redis
  kill(): Promise<void>
  /** Starts it again on the same port: empty, unless it is durable. */
  restart(): Promise<void>
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
}

/** A real redis-server on a free loopback port, gone when the test is. A durable one keeps what it has answered. */
export async function startRedis({ durable = false } = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'auren-redis-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const port = await freePort()
  const args = durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']
  let server = await launch(port, folder, args)
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null })
  client.on('error', () => undefined)
  onTestFinished(() => client.disconnect())
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    client,
    kill: () => stop(server),
    restart: async () => {
      server = await launch(port, folder, args)
    },
    signal: (name) => void server.kill(name),
  }
}

async function launch(port: number, folder: string, more: readonly string[]): Promise<ChildProcess> {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder, ...more]
  const server = spawn(requireProgram('redis-server', 'redis-server'), args, { stdio: 'ignore' })
  onTestFinished(() => stop(server))
  const probe = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => 20, maxRetriesPerRequest: null })
  probe.on('error', () => undefined)
  onTestFinished(() => probe.disconnect())
  await until('redis-server answers', () => {
    if (server.exitCode !== null) throw new Error(`redis-server cannot start on port ${port}`)
    return probe.info('server').then((info) => info.includes(`process_id:${server.pid}\r`))
  })
  probe.disconnect()
  return server
}

/** Ends it by its pid, paused or not. */
async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const exited = new Promise((resolve) => server.once('exit', resolve))
  server.kill('SIGKILL')
  await exited
}
