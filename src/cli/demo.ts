import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../client/live-client.ts'
import type { LiveClient } from '../client/live-client.ts'
import { startGateway } from '../gateway/server.ts'
import type { RunningGateway } from '../gateway/server.ts'
import { CommandError } from './command-error.ts'
import { startCrew } from './demo/crew-process.ts'
import { eventLine } from './feed/event-line.ts'
import { FeedSummary } from './feed/feed-summary.ts'
import { StatusLine } from './feed/status-line.ts'
import { lookOf } from './feed/terminal.ts'

export interface DemoArguments {
  readonly rate: number
  readonly duration?: number
  readonly stream?: string
  readonly crewOnly?: true
}

const defaultPort = 8765

/** Milliseconds for the stream to be readable: an address where nothing is shows at once, a far one takes its time. */
const streamTimeoutMs = 6_000

/** `auren demo`: a gateway here, the crew in a process of its own, and the feed on the screen until Ctrl-C. */
export async function runDemo(options: DemoArguments): Promise<void> {
  const ended = endOf(options.duration)
  if (options.stream !== undefined) return show(options.stream, options.rate, ended)
  const folder = mkdtempSync(join(tmpdir(), 'auren-demo-'))
  try {
    await show(`sqlite:${join(folder, 'events.db')}`, options.rate, ended)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function show(stream: string, rate: number, ended: Promise<void>): Promise<void> {
  console.log('auren demo: five specialists at work, without a model key')
  const gateway = await startDemoGateway(stream)
  let crew: ChildProcess | undefined
  try {
    await untilReady(gateway.url)
    crew = startCrew({ stream, rate })
    await watch(gateway, crew, ended)
  } finally {
    await stopCrew(crew)
    await gateway.close()
  }
}

/** Resolves on Ctrl-C and the like, when nobody reads the output any more, and after the duration. */
function endOf(seconds: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
    process.stdout.on('error', () => resolve())
    if (seconds !== undefined) setTimeout(resolve, seconds * 1000).unref()
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

/** A demo without a stream would show nothing for ever. */
async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + streamTimeoutMs
  for (;;) {
    const answer = await fetch(`${url}/readyz`)
    if (answer.ok) return
    const { reason } = (await answer.json()) as { readonly reason: string }
    if (performance.now() > deadline) throw new CommandError(`the demo has no stream: ${reason}`)
    await sleep(50)
  }
}

async function watch(gateway: RunningGateway, crew: ChildProcess, ended: Promise<void>): Promise<void> {
  const feed = gateway.url.replace('http', 'ws')
  const auren = process.argv[1]?.endsWith('.ts') ? 'npm run auren --' : 'npx auren'
  console.log(`Live page: ${gateway.url}/#token=test`)
  console.log(`Another terminal: ${auren} tail --url ${feed} --token test`)
  console.log('Ctrl-C ends it.\n')
  const client = connect({ url: feed, token: 'test' })
  const status = new StatusLine()
  const complain = (text: string) => {
    status.end()
    console.error(`auren: ${text}`)
  }
  let ending = false
  crew.once('error', (error) => complain(`the crew cannot be started: ${error.message}`))
  crew.once('exit', (code, signal) => {
    if (!ending) complain(`the crew has ended (${signal ?? `exit code ${code}`}); Ctrl-C ends the demo`)
  })
  void ended.then(() => {
    ending = true
    client.close()
  })
  await follow(client, status)
}

/** The feed, with the totals so far in the line below it. */
async function follow(client: LiveClient, status: StatusLine): Promise<void> {
  const summary = new FeedSummary()
  status.show('the crew starts …')
  for await (const event of client) {
    summary.take(event)
    if (event.event_type !== 'heartbeat') status.print(eventLine(event, lookOf()))
    status.show(summary.toString())
  }
  status.end()
  console.log(`auren demo: ${summary.toString()}`)
}

async function stopCrew(crew: ChildProcess | undefined): Promise<void> {
  if (crew?.pid === undefined || crew.exitCode !== null || crew.signalCode !== null) return
  const exited = new Promise((resolve) => crew.once('exit', resolve))
  crew.kill('SIGTERM')
  await Promise.race([exited, sleep(7_000, undefined, { ref: false })])
  crew.kill('SIGKILL')
}
