import type { AgentRun } from '../../instrumentation/agent.ts'
import type { Pace } from './pace.ts'

const timeoutChance = 0.025

class ToolTimeoutError extends Error {
  override readonly name = 'TimeoutError'
}

/** Runs a tool, which now and then does not answer. Tools that `compute` uses show inside this one. */
export function useTool<T>(
  run: AgentRun,
  { random, pass }: Pace,
  name: string,
  compute: () => T | Promise<T>,
): Promise<T> {
  return run.tool({ name, callId: `call_${Math.floor(random.between(1e6, 1e7))}` }, async (step) => {
    await pass(random.between(40, 260))
    if (random.chance(timeoutChance)) throw new ToolTimeoutError(`${name} did not answer in time`)
    const result = await compute()
    step.result(result)
    return result
  })
}
