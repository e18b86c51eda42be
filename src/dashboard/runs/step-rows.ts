import type { RunStep } from '../../protocol/runs.ts'

/** A line of the tree. */
export interface StepRow {
  readonly step: RunStep
  /** 0 for a step with none above it. */
  readonly depth: number
  /** From 1, among those with the same step above. */
  readonly place: number
  readonly of: number
  readonly hasChildren: boolean
  /** Steps below that are not shown, and how many of them failed. */
  readonly hidden: number
  readonly hiddenFailures: number
}

export type Steps = ReadonlyMap<string, RunStep>

const nothing: ReadonlySet<string> = new Set()

/**
 * Every step once, below the one above it, oldest first. A step whose parent is not there stands at the top, and so does one of a
 * circle of steps that name each other as parents.
 */
export function stepRows(steps: Steps, folded: ReadonlySet<string> = nothing): StepRow[] {
  const tree = treeOf(steps)
  const rows: StepRow[] = []
  // Not recursive: runs may be as deep as they have steps.
  const rest = placed(tree.tops, 0).reverse()
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { step, depth } = next
    const children = tree.children.get(step.span_id) ?? []
    const isFolded = folded.has(step.span_id) && children.length > 0
    const below = isFolded ? descendants(children, tree.children) : []
    rows.push({
      ...next,
      hasChildren: children.length > 0,
      hidden: below.length,
      hiddenFailures: below.filter(({ status }) => status === 'failed').length,
    })
    if (!isFolded) rest.push(...placed(children, depth + 1).reverse())
  }
  return rows
}

/** The steps above a step, the nearest first. */
export function ancestors(steps: Steps, spanId: string): string[] {
  const above = new Set<string>()
  for (let step = steps.get(spanId); step?.parent != null; step = steps.get(step.parent)) {
    if (above.has(step.parent)) break
    above.add(step.parent)
  }
  return [...above]
}

interface Tree {
  readonly tops: readonly RunStep[]
  readonly children: ReadonlyMap<string, readonly RunStep[]>
}

function treeOf(steps: Steps): Tree {
  const tops: RunStep[] = []
  const children = new Map<string, RunStep[]>()
  const circles = breaksOf(steps)
  for (const step of [...steps.values()].sort(byStart)) {
    const { span_id: id, parent } = step
    if (parent === null || !steps.has(parent) || circles.has(id)) tops.push(step)
    else {
      const siblings = children.get(parent)
      if (siblings === undefined) children.set(parent, [step])
      else siblings.push(step)
    }
  }
  return { tops, children }
}

/** One step of each circle, where it is cut. */
function breaksOf(steps: Steps): ReadonlySet<string> {
  const breaks = new Set<string>()
  const settled = new Set<string>()
  for (const { span_id: start } of steps.values()) {
    const path = new Set<string>()
    let id: string | null = start
    while (id !== null && steps.has(id) && !settled.has(id) && !path.has(id)) {
      path.add(id)
      id = steps.get(id)?.parent ?? null
    }
    if (id !== null && path.has(id)) breaks.add(id)
    for (const seen of path) settled.add(seen)
  }
  return breaks
}

function placed(steps: readonly RunStep[], depth: number) {
  return steps.map((step, index) => ({ step, depth, place: index + 1, of: steps.length }))
}

function descendants(steps: readonly RunStep[], children: Tree['children']): RunStep[] {
  const found = [...steps]
  // It grows while it is read.
  for (const { span_id: id } of found) found.push(...(children.get(id) ?? []))
  return found
}

function byStart(a: RunStep, b: RunStep): number {
  return a.started_at < b.started_at ? -1 : Number(a.started_at > b.started_at)
}
