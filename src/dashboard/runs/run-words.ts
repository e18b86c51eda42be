import type { RunLoop, RunStatus, RunStep, RunWait } from '../../protocol/runs.ts'
import type { RunRow } from './run-rows.ts'

export const statusTones = {
  running: 'live',
  quiet: 'info',
  stale: 'warn',
  crashed: 'bad',
  completed: 'quiet',
  failed: 'bad',
} as const satisfies Record<RunStatus, string>

/** What a status means, where its name does not say it all. */
export const statusWords: Readonly<Partial<Record<RunStatus, string>>> = {
  quiet: 'Nothing has happened for 30 s or more. Its process lives.',
  stale: 'Its process was not heard in time: nobody knows whether it goes on.',
  crashed: 'Its process is gone: what was open will never end.',
}

/** `tool web_search, 6 times with the same arguments`. */
export function loopWords({ step, times, same_arguments: same }: RunLoop): string {
  return `${step}, ${times} times${same ? ' with the same arguments' : ''}`
}

export function waitsInWords({ waits, agents }: Pick<RunRow, 'waits' | 'agents'>): string {
  const [first, ...others] = waits
  if (first === undefined) return ''
  return `${roleOf(agents, first)} waits for ${first.for.name}${others.length === 0 ? '' : ` (+${others.length})`}`
}

function roleOf(agents: RunRow['agents'], { agent }: RunWait): string {
  return agents.find(({ id }) => id === agent)?.role ?? agent
}

/** What kind of step it is, where its name does not say so. */
export function kindOf({ kind, name }: RunStep): string {
  return kind === 'agent' || kind === name ? '' : kind
}
