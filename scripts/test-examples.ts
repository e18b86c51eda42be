// Runs the examples that need packages of their own: `npm run test:examples`. Installs each in .cache/examples, with this package
// as npm would publish it. Without a registry it fails, and says why; with `-- --if-possible` it then says that they did not
// run, and succeeds. A failing test fails either way.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runTests } from './run-tests.ts'

const flag = '--if-possible'
const root = fileURLToPath(new URL('..', import.meta.url))
const cache = join(root, '.cache/examples')
mkdirSync(cache, { recursive: true })

run('node', ['scripts/build.ts'], root)
const tarball = pack()
for (const manifest of globSync('examples/*/package.json', { cwd: root })) {
  const trouble = install(basename(dirname(manifest)))
  if (trouble === undefined) continue
  if (!registryAnswers()) cannot('the npm registry does not answer')
  console.error(`${dirname(manifest)} could not be installed:\n${trouble}`)
  process.exit(1)
}
runTests('vitest.examples.config.ts', { flag })

/** This package as a file whose name is its content: npm takes a file of the same name for the same package. */
function pack(): string {
  const packed = join(
    cache,
    `${run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', cache], root).trim()}`,
  )
  const digest = createHash('sha256').update(readFileSync(packed)).digest('hex').slice(0, 16)
  const named = join(cache, `auren-observability-${digest}.tgz`)
  cpSync(packed, named)
  rmSync(packed)
  return named
}

/** Installs an example, or leaves it alone when it has the same packages already. Returns why it could not be installed. */
function install(name: string): string | undefined {
  const folder = join(cache, name)
  const manifest = readFileSync(join(root, 'examples', name, 'package.json'), 'utf8').replace(
    /("auren-observability": )"[^"]+"/,
    `$1${JSON.stringify(`file:${tarball}`)}`,
  )
  const installed = join(folder, 'package.json')
  const stamp = join(folder, 'node_modules/installed')
  if (existsSync(stamp) && readFileSync(installed, 'utf8') === manifest) return undefined
  console.log(`installing examples/${name} in .cache/examples`)
  mkdirSync(folder, { recursive: true })
  rmSync(stamp, { force: true })
  writeFileSync(installed, manifest)
  try {
    // Genkit has 600 MB of optional packages for its makers' cloud.
    run(
      'npm',
      ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--omit=optional'],
      folder,
    )
    writeFileSync(stamp, '')
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function registryAnswers(): boolean {
  return spawnSync('npm', ['view', 'zod', 'version', '--prefer-online'], { stdio: 'ignore' }).status === 0
}

/** What the command printed; throws with the end of its complaint when it failed. */
function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(error?.message ?? stderr.slice(-1_000))
  return stdout
}

function cannot(reason: string): never {
  console.log(`The examples with packages of their own did NOT run: ${reason}.`)
  process.exit(process.argv.includes(flag) ? 0 : 1)
}
