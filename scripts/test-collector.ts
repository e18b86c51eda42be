// Runs the test that sends spans through a real OpenTelemetry Collector: `npm run test:collector`. Builds the Collector from its
// released Go modules into .cache/collector, some minutes the first time. Without Go it fails, and says why.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { runTests } from './run-tests.ts'

const source = fileURLToPath(new URL('../test/e2e/collector', import.meta.url))
const program = fileURLToPath(new URL('../.cache/collector/collector', import.meta.url))

console.log('building the OpenTelemetry Collector in .cache/collector')
const build = spawnSync('go', ['build', '-o', program, '.'], { cwd: source, stdio: 'inherit' })
if (build.error !== undefined) stop('there is no Go 1.26 or later on the PATH')
if (build.status !== 0)
  stop('it could not be built; Go names the reason above, such as a module proxy that does not answer')

runTests('vitest.collector.config.ts')

function stop(reason: string): never {
  console.error(`The Collector test did NOT run: ${reason}.`)
  process.exit(1)
}
