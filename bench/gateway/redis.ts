import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStream } from '../../src/streams/open-stream.ts'

/** A redis-server of its own in a folder of its own. A durable one keeps what it has answered. */
export class RedisProcess {
  readonly url: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'auren-bench-'))
  readonly #args: readonly string[]
  #process: ChildProcess | undefined

  constructor({ durable = false } = {}) {
    // Below the ports of outgoing connections, of which a measurement has thousands.
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const log = durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']
    this.#args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', ...log]
    this.url = `redis://127.0.0.1:${port}`
  }

  async start(): Promise<void> {
    const server = spawn('redis-server', this.#args, { stdio: 'ignore', cwd: this.#folder })
    this.#process = server
    // Nobody is left behind by a measurement that was broken off.
    const kill = () => server.kill('SIGKILL')
    process.once('exit', kill)
    server.once('exit', () => process.off('exit', kill))
    const stream = await openStream(this.url)
    for (let tries = 0; !(await stream.info().then(() => true, () => false)); tries += 1) {
      if (tries > 400) throw new Error('redis-server does not answer')
      await sleep(50)
    } // prettier-ignore
    await stream.close()
  }

  async kill(): Promise<void> {
    const server = this.#process
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGKILL')
    await once(server, 'exit')
  }

  async close(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
