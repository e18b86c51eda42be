import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Files with what an environment holds, below the root: requirements, and the exact versions of all they need. */
const environments = {
  'auren-live': { requirements: 'test/python/requirements.txt', lock: 'test/python/requirements.lock' },
  crewai: { requirements: 'test/e2e/crewai/requirements.txt', lock: 'test/e2e/crewai/requirements.lock' },
  conformance: {
    requirements: 'test/conformance/requirements.txt',
    lock: 'test/conformance/requirements.lock',
  },
} as const
export type EnvironmentName = keyof typeof environments
export const environmentNames = Object.keys(environments) as readonly EnvironmentName[]

const folderOf = (name: EnvironmentName) => join(root, '.cache/python', name)

/** Interpreter of a virtual environment that `npm run test:python` has made. */
export function pythonOf(name: EnvironmentName): string {
  return join(folderOf(name), 'bin/python')
}

/**
 * Makes a virtual environment, or leaves it alone when it is made of the same files by the same Python already. Returns why
 * it could not be made.
 */
export function makeEnvironment(name: EnvironmentName, python: string): string | undefined {
  const { requirements, lock } = environments[name]
  const files = [requirements, lock].map((file) => readFileSync(join(root, file), 'utf8'))
  const recipe = createHash('sha256')
    .update([python, ...files].join('\0'))
    .digest('hex')
  const stamp = join(folderOf(name), 'made-of')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === recipe) return undefined
  console.log(`making the Python environment ${name} in .cache/python`)
  rmSync(folderOf(name), { recursive: true, force: true })
  const trouble =
    run(python, ['-m', 'venv', folderOf(name)]) ??
    run(pythonOf(name), ['-m', 'pip', ...quietly, 'install', '-r', requirements, '-c', lock])
  if (trouble === undefined) writeFileSync(stamp, recipe)
  return trouble
}

const quietly = ['--quiet', '--disable-pip-version-check', '--no-input', '--retries', '2', '--timeout', '20']

/** Runs from the root; the end of what it printed when it failed. */
function run(command: string, args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
  return status === 0 ? undefined : (error?.message ?? stderr.slice(-1_000))
}

/** Whether the package index that pip uses answers at all: asked for one small package. */
export function indexAnswers(python: string): boolean {
  const probe = join(root, '.cache/python/probe')
  const args = [
    '-m',
    'pip',
    ...quietly,
    'download',
    '--no-deps',
    '--no-cache-dir',
    '--dest',
    probe,
    'typing-extensions',
  ]
  const { status } = spawnSync(python, args, { stdio: 'ignore' })
  rmSync(probe, { recursive: true, force: true })
  return status === 0
}

/** The newest Python from 3.10 to 3.13, what CrewAI runs on, that can make environments; undefined without one. */
export function findPython(): string | undefined {
  const names = ['python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3', 'python']
  const check = 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))'
  return names.find((name) => spawnSync(name, ['-c', check], { stdio: 'ignore' }).status === 0)
}
