// Runs the tests that need Python and its package index: `npm run test:python`. Without them it fails, and says why; with
// `-- --if-possible` it then says that they did not run, and succeeds. A failing test fails either way.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { environmentNames, findPython, indexAnswers, makeEnvironment } from '../test/python/virtual-environment.ts'

const flag = '--if-possible'
const python = findPython()
if (python === undefined) {
  cannot('there is no Python 3.10 to 3.13 with venv (Debian: apt-get install python3-venv)')
} else {
  for (const name of environmentNames) {
    const trouble = makeEnvironment(name, python)
    if (trouble === undefined) continue
    if (!indexAnswers(python)) cannot('the Python package index does not answer')
    console.error(`The Python environment ${name} could not be made:\n${trouble}`)
    process.exit(1)
  }
  const vitest = createRequire(import.meta.url)
    .resolve('vitest/package.json')
    .replace('package.json', 'vitest.mjs')
  const tests = ['run', '--config', 'vitest.python.config.ts', ...process.argv.slice(2).filter((arg) => arg !== flag)]
  process.exit(spawnSync(process.execPath, [vitest, ...tests], { stdio: 'inherit' }).status ?? 1)
}

function cannot(reason: string): never {
  console.log(`The Python tests did NOT run: ${reason}.`)
  process.exit(process.argv.includes(flag) ? 0 : 1)
}
