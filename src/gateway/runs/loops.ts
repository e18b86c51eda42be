import { toTimestamp } from '../../events/timestamp.ts'
import type { RunLoop } from '../../protocol/runs.ts'
import { agentOf } from './step-tree.ts'
import type { StepNode } from './step-tree.ts'

/**
 * How often something repeats before it is called a loop: with the same arguments, where it failed and is tried again (five
 * times are usual), and where the arguments are not known.
 */
const timesWithArguments = 3
const timesFailed = 6
const timesWithout = 10
/** Longest pattern that is looked for, in steps, and loops that are told of one run. */
const maxPattern = 3
const maxLoops = 20

interface Repetition {
  readonly from: number
  readonly times: number
}

/** Where the same steps, one to three of them, were taken again and again below one parent. */
export function loopsOf(nodes: readonly StepNode[]): RunLoop[] {
  const loops: RunLoop[] = []
  for (const parent of nodes) {
    const loop = loopBelow(parent)
    if (loop !== undefined) loops.push(loop)
    if (loops.length === maxLoops) break
  }
  return loops
}

/** Model calls in between are what an agent thinks about it: they count only where it does nothing else. */
function loopBelow(parent: StepNode): RunLoop | undefined {
  const acts = parent.children.filter(({ kind }) => kind !== 'model')
  const steps = acts.length > 0 ? acts : parent.children
  const signatures = steps.map(({ kind, name, argumentsHash }) => `${kind} ${name} ${argumentsHash ?? ''}`)
  for (let length = 1; length <= maxPattern; length += 1) {
    const { from, times } = longestRepetition(steps, signatures, length)
    const pattern = steps.slice(from, from + length)
    const [first] = pattern
    const known = pattern.every(({ argumentsHash }) => argumentsHash !== undefined)
    const hasFailed = pattern.some(({ failed }) => failed)
    if (first === undefined || times < (known ? (hasFailed ? timesFailed : timesWithArguments) : timesWithout)) continue
    return {
      agent: agentOf(first)?.id ?? null,
      step: pattern.map(({ kind, name }) => `${kind} ${name}`).join(' → '),
      times,
      since: toTimestamp(first.startedAt),
      same_arguments: known,
    }
  }
  return undefined
}

/** Only of what is done one after the other: the same side by side is one piece of work that was divided. */
function longestRepetition(steps: readonly StepNode[], signatures: readonly string[], length: number): Repetition {
  const isAgain = (index: number) => {
    const [step, before] = [steps[index], steps[index - 1]]
    if (step === undefined || typeof before?.endedAt !== 'number') return false
    return signatures[index] === signatures[index - length] && before.endedAt <= step.startedAt
  }
  let best: Repetition = { from: 0, times: 0 }
  let from = 0
  for (let index = length; index <= steps.length; index += 1) {
    if (isAgain(index)) continue
    const times = Math.floor((index - from) / length)
    if (times > best.times) best = { from, times }
    from = index - length + 1
  }
  return best
}
