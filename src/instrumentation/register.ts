/**
 * `node --import auren-observability/register agent.js`: observes an agent without a line of code in it. Must be loaded
 * before the libraries it is to observe, which `--import` sees to.
 */
import { startAuren } from './start.ts'

startAuren()
