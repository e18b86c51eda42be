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

async function agents(redis: string, sink: string, rate: string, seconds: string): Promise<void> {
  const measured: Record<string, Figures[]> = { none: [], otlp: [], auren: [] }
  for (let round = 0; round < rounds; round += 1)
    for (const [variant, all] of Object.entries(measured))
      all.push(await figures('./agent.ts', variant, variant === 'otlp' ? sink : redis, rate, seconds))
  const { none = [], otlp = [], auren = [] } = measured
  const cpu = { a: median(none, 'cpuMicros'), b: median(otlp, 'cpuMicros'), ours: median(auren, 'cpuMicros') }
  const sync = (all: Figures[]) => median(all, 'syncMicros') - median(none, 'syncMicros')
  console.log(
    `\n${rate} spans/s, ${seconds} s, median of ${rounds}: (a) no processor, (b) BatchSpanProcessor + OTLP/HTTP protobuf`,
  )
  console.log(
    `CPU per span, µs           (a) ${n(cpu.a)}  (b) ${n(cpu.b)}  AUREN ${n(cpu.ours)}  = ${n(cpu.ours / cpu.b, 2)} × (b)`,
  )
  console.log(`synchronous, µs above (a)  (b) ${n(sync(otlp), 2)}  AUREN ${n(sync(auren), 2)}`)
  for (const [name, key] of [
    ['event loop delay p99, ms', 'loopDelayP99Ms'],
    ['memory (RSS), MB', 'rssMb'],
  ] as const)
    console.log(
      `${name.padEnd(26)} (a) ${n(median(none, key))}  (b) ${n(median(otlp, key))}  AUREN ${n(median(auren, key))}`,
    )
}

try {
  const redis = await startRedis()
  const sink = await firstLine(script('./sink.ts'))
  console.log(
    `node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()
      .map((load) => n(load))
      .join(' ')}`,
  )
  await agents(redis, sink, '1000', '6')
  await agents(redis, sink, '10000', '3')

  const { auren = NaN, pipeline = NaN, raw = NaN } = await figures('./throughput.ts', redis)
  console.log(
    `\nevents/s into Redis: AUREN ${n(auren, 0)} = ${n(auren / pipeline, 2)} × (c) ioredis pipeline, ${n(auren / raw, 2)} × (d) raw RESP`,
  )

  const latency = await figures('./latency.ts', redis)
  console.log(`span end → readable in another process, ms: p50 ${n(latency['p50'], 2)}, p99 ${n(latency['p99'], 2)}`)

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
