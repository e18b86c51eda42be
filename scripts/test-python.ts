// Runs the tests that need Python and its package index: `npm run test:python`. Without them it fails, and says why; with
// `-- --if-possible` it then says that they did not run, and succeeds. A failing test fails either way.
import { environmentNames, findPython, indexAnswers, makeEnvironment } from '../test/python/virtual-environment.ts'
import { runTests } from './run-tests.ts'

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
  runTests('vitest.python.config.ts', { flag })
}

function cannot(reason: string): never {
  console.log(`The Python tests did NOT run: ${reason}.`)
  process.exit(process.argv.includes(flag) ? 0 : 1)
}
