import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { requireProgram } from './programs.ts'

/** Runs once before all tests: finds or installs the servers they need, and builds the package that end-to-end tests start. */
export default function setup(): void {
  requireProgram('redis-server', 'redis-server')
  requireProgram('promtool', 'prometheus')
  requireProgram('amtool', 'prometheus-alertmanager')
  requireProgram('prometheus-redis-exporter', 'prometheus-redis-exporter')
  requireProgram('postgres', 'postgresql')
  requireProgram('chromium', 'chromium')
  execFileSync(process.execPath, ['scripts/build.ts'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: 'inherit',
  })
}
