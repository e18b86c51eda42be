import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { until } from './until.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Running {
  readonly child: ChildProcess
  /** What it has printed so far. */
  stdout(): string
  stderr(): string
  /** Exit code, or the signal that ended it. */
  exited(): Promise<number | NodeJS.Signals>
}

/** A Node process, as {@link startProgram}. */
export function startNode(args: readonly string[], env?: Readonly<Record<string, string>>, cwd?: string): Running {
  return startProgram(process.execPath, args, env, cwd)
}

/** A process, ended by its pid when the test is finished. Variables of the host are not passed on. */
export function startProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd: string = root,
): Running {
  const child = spawn(program, args, {
    cwd,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: temporaryFolder(),
      NO_COLOR: '1',
      // What one process compiles the next one need not.
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node'),
      // The usual port may be taken by another test's crew, which is a warning.
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  const exit = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? code ?? -1))
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exit
  })
  return { child, stdout: () => stdout, stderr: () => stderr, exited: () => exit }
}

/** The built `auren` command. */
export function auren(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  return startNode(['dist/cli/main.js', ...args], env)
}

/** A real `auren gateway` on a free port, and its address. */
export async function startGatewayProcess(
  stream: string,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<Running & { readonly url: string }> {
  const running = auren(['gateway', '--port', '0', '--stream', stream, ...args], env)
  const url = await until('the gateway listens', () => {
    return /"url":"([^"]+)","msg":"gateway listening"/.exec(running.stdout())?.[1]
  })
  await until('the gateway is ready', async () => (await fetch(`${url}/readyz`)).ok)
  return { ...running, url }
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'auren-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** URL of an SQLite log of the test's own. */
export function temporaryLog(): string {
  return `sqlite:${join(temporaryFolder(), 'events.db')}`
}
