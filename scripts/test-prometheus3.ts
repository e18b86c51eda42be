// Runs what needs Prometheus with the version that docker-compose.yml names: `npm run test:prometheus3`. Debian's is 2.42. Builds
// prometheus and promtool from their released Go module into .cache/prometheus3, ten minutes of two cores the first time.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runTests } from './run-tests.ts'

const compose = readFileSync(new URL('../docker-compose.yml', import.meta.url), 'utf8')
const programs = fileURLToPath(new URL('../.cache/prometheus3/', import.meta.url))

// Version 3.13.1 is v0.313.1 of the module.
const [, major = '', minor = '', patch = ''] = /prom\/prometheus:v(\d+)\.(\d+)\.(\d+)/.exec(compose) ?? []
const release = `github.com/prometheus/prometheus@v0.${major}${minor.padStart(2, '0')}.${patch}`

console.log(`building ${release} in .cache/prometheus3`)
const download = spawnSync('go', ['mod', 'download', '-json', release], { encoding: 'utf8' })
if (download.error !== undefined) stop('there is no Go on the PATH')
if (download.status !== 0) stop(`its module cannot be had: ${download.stdout}${download.stderr}`)
const { Dir: source } = JSON.parse(download.stdout) as { readonly Dir: string }
// Of its forty ways to find targets files and HTTP are enough here; GOWORK names folders that are not in the module.
const build = ['build', '-C', source, '-buildvcs=false', '-tags', 'remove_all_sd', '-o', programs]
const built = spawnSync('go', [...build, './cmd/prometheus', './cmd/promtool'], {
  stdio: 'inherit',
  env: { ...process.env, GOWORK: 'off' },
})
if (built.status !== 0) stop('it could not be built; Go names the reason above')

const env = { ...process.env, PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}` }
runTests('vitest.prometheus3.config.ts', { env })

function stop(reason: string): never {
  console.error(`The tests with Prometheus 3 did NOT run: ${reason}.`)
  process.exit(1)
}
