// Runs the tests that need a Kafka broker: `npm run test:kafka`. Fetches it from Maven Central the first time. Where that cannot
// be done it fails, and says why; with `-- --if-possible` it then says that they did not run, and succeeds.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { prepareKafka } from '../test/kafka/kafka-software.ts'

const flag = '--if-possible'
const trouble = prepareKafka()
if (trouble !== undefined) {
  console.log(`The Kafka tests did NOT run: ${trouble}.`)
  process.exit(process.argv.includes(flag) ? 0 : 1)
}
const vitest = createRequire(import.meta.url)
  .resolve('vitest/package.json')
  .replace('package.json', 'vitest.mjs')
const tests = ['run', '--config', 'vitest.kafka.config.ts', ...process.argv.slice(2).filter((arg) => arg !== flag)]
process.exit(spawnSync(process.execPath, [vitest, ...tests], { stdio: 'inherit' }).status ?? 1)
