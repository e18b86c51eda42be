// Runs the tests that need a Kafka broker: `npm run test:kafka`. Fetches it from Maven Central the first time. Where that cannot
// be done it fails, and says why; with `-- --if-possible` it then says that they did not run, and succeeds.
import { prepareKafka } from '../test/kafka/kafka-software.ts'
import { runTests } from './run-tests.ts'

const flag = '--if-possible'
const trouble = prepareKafka()
if (trouble !== undefined) {
  console.log(`The Kafka tests did NOT run: ${trouble}.`)
  process.exit(process.argv.includes(flag) ? 0 : 1)
}
runTests('vitest.kafka.config.ts', { flag })
