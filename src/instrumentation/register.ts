/**
 * `node --import auren-observability/register agent.js`: observes an agent without a line of code in it. Must be loaded
 * before the libraries it is to observe, which `--import` sees to.
 */
import { loadPrices } from '../translate/pricing.ts'
import { hookEsModules } from './esm-hooks.ts'
import { startAuren } from './start.ts'

// Now rather than in the middle of the agent's first run: parsing the table takes about 80 ms.
await loadPrices()
hookEsModules()
startAuren()
