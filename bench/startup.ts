// CPU time until an agent process without instrumented libraries has started, against what one would otherwise choose:
// `npm run build && npm run bench:startup`. The ways take turns, so that the ratios hold on a busy machine, too.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const rounds = 9
const report = "process.on('exit', () => { const { user, system } = process.cpuUsage(); console.log(user + system) })"
const otlp = "import { NodeSDK } from '@opentelemetry/sdk-node'; new NodeSDK().start()"
const ways: Readonly<Record<string, readonly string[]>> = {
  'node alone': [],
  'NodeSDK with its defaults': ['--import', `data:text/javascript,${encodeURIComponent(absolute(otlp))}`],
  'auren-observability/register': ['--import', 'auren-observability/register'],
}

/** Names of packages have no place to be looked for from in a data: URL. */
function absolute(code: string): string {
  return code.replace(/from '(.+?)'/, (_, name: string) => `from '${import.meta.resolve(name)}'`)
}

const folder = mkdtempSync(join(tmpdir(), 'auren-bench-'))
const env = {
  PATH: process.env['PATH'],
  AUREN_STREAM_URL: `sqlite:${folder}/events.db`,
  AUREN_SPOOL_DIR: folder,
  OTEL_EXPORTER_PROMETHEUS_PORT: '0',
  OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'none',
}
const cwd = fileURLToPath(new URL('..', import.meta.url))
const measured = new Map(Object.keys(ways).map((name) => [name, [] as number[]]))
for (let round = 0; round < rounds; round += 1)
  for (const [name, args] of Object.entries(ways)) {
    // The SDK waits for a collector that is not there.
    const code = `${report}; setTimeout(() => process.exit(), 100)`
    const micros = Number(execFileSync(process.execPath, [...args, '--eval', code], { cwd, env, encoding: 'utf8' }))
    measured.get(name)?.push(micros / 1_000)
  }
rmSync(folder, { recursive: true })

const least = (values: readonly number[] = []) => Math.min(...values)
const base = least(measured.get('node alone'))
const load = loadavg()
  .map((each) => each.toFixed(1))
  .join(' ')
console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, load ${load}, least of ${rounds}`)
for (const [name, values] of measured)
  console.log(
    `${name.padEnd(30)} ${least(values).toFixed(0)} ms CPU, ${(least(values) / base).toFixed(1)} × node alone`,
  )
