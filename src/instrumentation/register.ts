/**
 * `node --import auren-observability/register agent.js`: observes an agent without a line of code in it. Must be loaded
 * before the libraries it is to observe, which `--import` sees to.
 */
import { register } from 'node:module'
import { loadPrices } from '../translate/pricing.ts'
import { startAuren } from './start.ts'

// Lets instrumentations patch ES modules; CommonJS needs nothing.
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)

// Now rather than in the middle of the agent's first run: parsing the table takes about 80 ms.
await loadPrices()

startAuren()
