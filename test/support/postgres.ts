import { execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort } from './free-port.ts'
import { requireProgram } from './programs.ts'
import { until } from './until.ts'

/** A real PostgreSQL on a free loopback port, where everybody is trusted as `postgres`; gone when the test is. */
export async function startPostgres(): Promise<{ readonly port: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'auren-postgres-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const data = join(folder, 'data')
  const user = serverUser()
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const initial = ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync']
  execFileSync(requireProgram('initdb', 'postgresql'), initial, { ...user, stdio: 'ignore', cwd: folder })
  const port = await freePort()
  const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-F']
  const server = spawn(requireProgram('postgres', 'postgresql'), args, { ...user, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  server.stderr.on('data', (data: Buffer) => (log += data.toString()))
  onTestFinished(async () => {
    const exited = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGQUIT')
    await exited
  })
  await until('PostgreSQL is ready', () => {
    if (server.exitCode !== null) throw new Error(log)
    return log.includes('ready to accept connections')
  })
  return { port }
}

/** PostgreSQL refuses to run as root; its Debian package makes a user for it. */
function serverUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
