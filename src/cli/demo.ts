import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../client/live-client.ts'
import { startGateway } from '../gateway/server.ts'
import type { RunningGateway } from '../gateway/server.ts'
import { eventLine, usesColour } from './event-line.ts'

export interface DemoArguments {
  readonly rate: number
  readonly duration?: number
  readonly stream?: string
  readonly crewOnly?: true
}

const defaultPort = 8765

/** `auren demo`: a gateway here, the crew in a process of its own, and the feed on the screen until Ctrl-C. */
export async function runDemo(options: DemoArguments): Promise<void> {
  if (options.crewOnly) return (await import('./demo/crew.ts')).runCrew(options)
  const folder = options.stream === undefined ? mkdtempSync(join(tmpdir(), 'auren-demo-')) : undefined
  const stream = options.stream ?? `sqlite:${join(folder ?? '', 'events.db')}`
  const ended = endOf(options.duration)
  console.log('auren demo: five specialists at work, on a log of their own')
  const gateway = await startDemoGateway(stream)
  const crew = startCrew(stream, options.rate)
  try {
    await watch(gateway, crew, ended)
  } finally {
    await stopCrew(crew)
    await gateway.close()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
}

/** Resolves on Ctrl-C, on SIGTERM, after the duration, and when nobody reads the output any more. */
function endOf(seconds: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
    process.stdout.on('error', () => resolve())
    if (seconds !== undefined) setTimeout(resolve, seconds * 1000)
  })
}

async function startDemoGateway(stream: string): Promise<RunningGateway> {
  const options = { stream, dev: true, logLevel: 'silent' }
  try {
    return await startGateway({ ...options, port: defaultPort })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    console.log(`Port ${defaultPort} is in use; taking another one.`)
    return startGateway({ ...options, port: 0 })
  }
}

/** The crew is another process, as agents are: killing one never disturbs the other. */
function startCrew(stream: string, rate: number): ChildProcess {
  const main = process.argv[1] ?? ''
  const crewArguments = ['demo', '--crew-only', '--stream', stream, '--rate', String(rate)]
  return spawn(process.execPath, [...process.execArgv, main, ...crewArguments], {
    // The channel carries nothing: its end tells the crew that this process is gone, however it went.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

async function watch(gateway: RunningGateway, crew: ChildProcess, ended: Promise<void>): Promise<void> {
  const feed = gateway.url.replace('http', 'ws')
  console.log(`Gateway: ${gateway.url}`)
  console.log(`Another terminal: npx auren tail --url ${feed} --token test\n`)
  const client = connect({ url: feed, token: 'test' })
  crew.once('exit', (code, signal) => console.error(`auren: the crew has ended (${signal ?? `exit code ${code}`})`))
  void ended.then(() => {
    crew.removeAllListeners('exit')
    client.close()
  })
  const colour = usesColour()
  for await (const event of client) console.log(eventLine(event, colour))
}

async function stopCrew(crew: ChildProcess): Promise<void> {
  if (crew.exitCode !== null || crew.signalCode !== null) return
  const exited = new Promise((resolve) => crew.once('exit', resolve))
  crew.kill('SIGTERM')
  await Promise.race([exited, sleep(7_000, undefined, { ref: false })])
  crew.kill('SIGKILL')
}
