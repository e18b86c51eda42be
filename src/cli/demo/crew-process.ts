import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { CrewOptions } from './crew.ts'

/** The crew is another process, as agents are: killing one never disturbs the other. It ends with this one. */
export function startCrew({ stream, rate, duration }: CrewOptions): ChildProcess {
  const main = process.argv[1] ?? ''
  const crewArguments = ['demo', '--crew-only', '--rate', String(rate)]
  if (stream !== undefined) crewArguments.push('--stream', stream)
  if (duration !== undefined) crewArguments.push('--duration', String(duration))
  return spawn(process.execPath, [...process.execArgv, main, ...crewArguments], {
    // It uses no library that could be instrumented; hooking all that a checkout has takes half a second.
    env: { ...process.env, OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'none' },
    // The channel carries nothing: its end tells the crew that this process is gone, however it went.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}
