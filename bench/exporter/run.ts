// What the exporter costs an agent, against the tools one would otherwise choose: `npm run bench:exporter`. Needs
// redis-server. Everything is measured in one run, the ways in turn, so that the ratios hold on a busy machine, too.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { cpus, loadavg, tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { createInterface } from 'node:readline'

type Figures = Readonly<Record<string, number>>

const rounds = 3
const children: ChildProcess[] = []

function start(program: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return child
}

const script = (name: string, ...args: readonly string[]) =>
  start(process.execPath, [fileURLToPath(new URL(name, import.meta.url)), ...args])

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no output')
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return line
}

async function figures(name: string, ...args: readonly string[]): Promise<Figures> {
  const child = script(name, ...args)
  const [line] = await Promise.all([firstLine(child), once(child, 'exit')])
  return JSON.parse(line) as Figures
}

async function startRedis(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  start('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', tmpdir()])
  await sleep(500)
  return `redis://127.0.0.1:${port}`
}

function median(all: readonly Figures[], key: string): number {
  const values = all.map((figures) => figures[key] ?? NaN).toSorted((a, b) => a - b)
  return values[Math.floor(values.length / 2)] ?? NaN
}

const n = (value: number | undefined, digits = 1) => (value ?? NaN).toFixed(digits)

interface Agents {
  /** Figures of each round: no processor, BatchSpanProcessor with OTLP/HTTP protobuf, ours. */
  readonly a: readonly Figures[]
  readonly b: readonly Figures[]
  readonly ours: readonly Figures[]
}

async function agents(redis: string, sink: string, rate: number, seconds: number): Promise<Agents> {
  const [a, b, ours]: [Figures[], Figures[], Figures[]] = [[], [], []]
  const agent = (variant: string, url: string) => figures('./agent.ts', variant, url, `${rate}`, `${seconds}`)
  for (let round = 0; round < rounds; round += 1) {
    a.push(await agent('none', redis))
    b.push(await agent('otlp', sink))
    ours.push(await agent('auren', redis))
  }
  return { a, b, ours }
}

const row = (...cells: readonly string[]) => console.log(`| ${cells.join(' | ')} |`)

function cpuRow(name: string, { a, b, ours }: Agents, key = 'cpuMicros'): void {
  const [base, other, own] = [median(a, key), median(b, key), median(ours, key)]
  row(`CPU per span ${name}, µs`, n(base), n(other), n(own), `${n(own / other, 2)} × (b)`)
}

function syncRow(name: string, { a, b, ours }: Agents): void {
  const above = (all: readonly Figures[]) => n(median(all, 'syncMicros') - median(a, 'syncMicros'), 2)
  row(`synchronous ${name}, µs above (a)`, '', above(b), above(ours), '')
}

function plainRow(name: string, { a, b, ours }: Agents, key: string): void {
  row(name, n(median(a, key)), n(median(b, key)), n(median(ours, key)), '')
}

/** Two entries a span is what the layout of the stream asks of anybody: what that alone takes, with events that are ready. */
function writingRows({ aurenPerSecond = NaN, aurenCpuMicros = NaN, ...others }: Figures, { a, b }: Agents): void {
  const { pipelinePerSecond = NaN, rawPerSecond = NaN, pipelineCpuMicros = NaN, rawCpuMicros = NaN } = others
  const speeds = `${n(aurenPerSecond / pipelinePerSecond, 2)} × (c), ${n(aurenPerSecond / rawPerSecond, 2)} × (d)`
  row('events/s into Redis', '', '', n(aurenPerSecond, 0), speeds)
  const otlp = median(b, 'cpuMicros') - median(a, 'cpuMicros')
  row('CPU of writing two ready-made events, µs', '', n(otlp), n(2 * aurenCpuMicros), `(c) ${n(2 * pipelineCpuMicros)}, (d) ${n(2 * rawCpuMicros)}`) // prettier-ignore
}

try {
  const redis = await startRedis()
  const sink = await firstLine(script('./sink.ts'))
  console.log(
    `node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()
      .map((load) => n(load))
      .join(' ')}`,
  )
  const slow = await agents(redis, sink, 1_000, 6)
  const fast = await agents(redis, sink, 10_000, 3)
  const throughput = await figures('./throughput.ts', redis)

  console.log(
    `medians of ${rounds}: (a) no processor, (b) BatchSpanProcessor + OTLP/HTTP protobuf, (c) ioredis, (d) RESP\n`,
  )
  row('', '(a)', '(b)', 'AUREN', '')
  row('---', '---', '---', '---', '---')
  cpuRow('at 1,000 spans/s', slow)
  cpuRow('at 10,000 spans/s', fast)
  cpuRow('of the first 15,000', fast, 'coldCpuMicros')
  syncRow('at 1,000 spans/s', slow)
  syncRow('at 10,000 spans/s', fast)
  plainRow('event loop delay p99 at 1,000 spans/s, ms', slow, 'loopDelayP99Ms')
  plainRow('event loop delay p99 at 10,000 spans/s, ms', fast, 'loopDelayP99Ms')
  plainRow('memory (RSS) at 10,000 spans/s, MB', fast, 'rssMb')
  writingRows(throughput, fast)

  for (const [agent, pauseMs, events] of [
    ['an idle', 40, 300],
    ['a busy', 3, 1_000],
  ] as const) {
    const latency = await figures('./latency.ts', redis, `${pauseMs}`, `${events}`)
    console.log(
      `\nspan end → readable in another process, of ${agent} agent, ms: p50 ${n(latency['p50'], 2)}, p99 ${n(latency['p99'], 2)}`,
    )
  }

  const outage = await figures('./outage.ts', redis)
  console.log(
    `\n600,000 events without Redis (10 minutes at 1,000/s, compressed): queue at most ${n(outage['maxQueueMb'])} MB of 16, disk ${n(outage['maxSpoolMb'])} MB of 256`,
  )
  console.log(
    `delivered ${outage['delivered']}, announced as dropped ${outage['dropped']}, unaccounted for ${outage['unaccounted']}`,
  )
} finally {
  for (const child of children) child.kill()
}
