import { toTimestamp } from '../../events/timestamp.ts'
import type { RunLoop } from '../../protocol/runs.ts'
import { agentOf } from './step-tree.ts'
import type { StepNode } from './step-tree.ts'

/** How often something repeats before it is called a loop: with the same arguments, and where they are not known. */
const timesWithArguments = 3
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
    const { from, times } = longestRepetition(signatures, length)
    const pattern = steps.slice(from, from + length)
    const [first] = pattern
    const known = pattern.every(({ argumentsHash }) => argumentsHash !== undefined)
    if (first === undefined || times < (known ? timesWithArguments : timesWithout)) continue
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

function longestRepetition(signatures: readonly string[], length: number): Repetition {
  let best: Repetition = { from: 0, times: 0 }
  let from = 0
  for (let index = length; index <= signatures.length; index += 1) {
    if (index < signatures.length && signatures[index] === signatures[index - length]) continue
    const times = Math.floor((index - from) / length)
    if (times > best.times) best = { from, times }
    from = index - length + 1
  }
  return best
}
