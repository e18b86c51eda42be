import type { RunStep } from '../../protocol/runs.ts'
import type { Steps } from './step-rows.ts'

/** What each open step of an agent waits for, by its span id; the oldest first. The rule is the gateway's, at any moment of the run. */
export function waitsOf(steps: Steps): ReadonlyMap<string, readonly RunStep[]> {
  const open = [...steps.values()].filter(({ status }) => status === 'open')
  const busy = new Set(open.map(({ parent }) => parent))
  const waits = new Map<string, RunStep[]>()
  for (const step of open) {
    if (step.kind !== 'agent' && busy.has(step.span_id)) continue
    // Only its end is ever told: while it was open nobody knew, and the agent that it names is waited for itself.
    if (step.kind === 'collaboration') continue
    const above = agentAbove(steps, step)
    if (above?.status === 'open') waits.set(above.span_id, [...(waits.get(above.span_id) ?? []), step])
  }
  return waits
}

/** `waits for Coach`, `waits for Coach and 2 more`. */
export function waitWords(waits: readonly RunStep[]): string {
  const [first, ...others] = waits
  if (first === undefined) return ''
  return `waits for ${first.name}${others.length === 0 ? '' : ` and ${others.length} more`}`
}

function agentAbove(steps: Steps, { parent }: RunStep): RunStep | undefined {
  const seen = new Set<string>()
  for (let id = parent; id !== null && !seen.has(id);) {
    const step = steps.get(id)
    if (step === undefined || step.kind === 'agent') return step
    seen.add(id)
    id = step.parent
  }
  return undefined
}
