/**
 * `node --import auren-observability/register agent.js`: observes an agent without a line of code in it. Must be loaded
 * before the libraries it is to observe, which `--import` sees to.
 */
import { hookEsModules } from './esm-hooks.ts'
import { startAuren } from './start.ts'

hookEsModules()
startAuren()
