import type { StepKind } from '../../protocol/runs.ts'
import { precedes } from './step.ts'
import type { Step, Told } from './step.ts'
import type { StepFacts, Usage } from '../../protocol/step-facts.ts'

/** A step in its place, as one reader sees it. Times are milliseconds since the epoch. */
export interface StepNode {
  readonly spanId: string
  readonly kind: StepKind
  readonly name: string
  readonly startedAt: number
  /** Null while it is open. */
  readonly endedAt: number | null
  readonly failed: boolean
  readonly errorType: string | undefined
  readonly usage: Usage | undefined
  readonly argumentsHash: string | undefined
  /** Whether it is the root span of its trace, so that nothing above it is still to come. */
  readonly isRoot: boolean
  /** The agent it names itself. */
  readonly namedAgent: StepFacts['agent']
  /** Numbers of the owners whose events it was made of. */
  readonly owners: readonly number[]
  parent: StepNode | undefined
  readonly children: StepNode[]
}

/** The agent a step belongs to: its own, or the nearest above it, also where that one was told of later. */
export function agentOf(node: StepNode): StepFacts['agent'] {
  for (let at: StepNode | undefined = node; at !== undefined; at = at.parent) if (at.namedAgent) return at.namedAgent
  return null
}

/**
 * The steps whose events a reader may see, oldest first. A parent that may not be seen is skipped: its children hang below
 * the nearest one that may.
 */
export function stepTree(steps: ReadonlyMap<string, Step>, sees: (owner: number) => boolean): StepNode[] {
  const nodes = new Map<string, StepNode>()
  for (const [spanId, step] of steps) {
    const node = toNode(spanId, step, sees)
    if (node !== undefined) nodes.set(spanId, node)
  }
  const parentSpan = parentSpans(steps)
  for (const node of nodes.values()) node.parent = visibleParent(node.spanId, parentSpan, nodes)
  const ordered = [...nodes.values()].sort(byStart)
  breakCycles(ordered)
  for (const node of ordered) node.parent?.children.push(node)
  return ordered
}

function toNode(spanId: string, { start, end }: Step, sees: (owner: number) => boolean): StepNode | undefined {
  const told = [start, end].filter((one) => one !== undefined && sees(one.owner)) as Told[]
  const facts = told.map((one) => one.facts)
  const [first] = facts
  if (first === undefined) return undefined
  const last = facts.find(({ isStart }) => !isStart)
  // What it is, the more specific of the two says: some are only known at their end.
  const main = last !== undefined && last.kind !== first.kind && precedes(last, first) ? last : first
  return {
    spanId,
    kind: main.kind,
    name: main.name ?? last?.name ?? main.kind,
    startedAt: first.startedAt,
    endedAt: last?.at ?? null,
    failed: last?.failed ?? false,
    errorType: last?.errorType,
    usage: last?.usage,
    argumentsHash: last?.argumentsHash ?? first.argumentsHash,
    isRoot: main.parentSpanId === null,
    namedAgent: main.agent ?? last?.agent ?? null,
    owners: told.map(({ owner }) => owner),
    parent: undefined,
    children: [],
  }
}

type ParentSpan = (spanId: string) => string | undefined

/** The span above: the parent itself where it is a step, else the nearest one the producer knew of. */
function parentSpans(steps: ReadonlyMap<string, Step>): ParentSpan {
  const spanOfEvent = new Map<string, string>()
  for (const [spanId, { start, end }] of steps)
    for (const told of [start, end]) if (told) spanOfEvent.set(told.facts.eventId, spanId)
  return (spanId) => {
    const step = steps.get(spanId)
    const told = [step?.end?.facts, step?.start?.facts].filter((facts) => facts !== undefined)
    const direct = told.map(({ parentSpanId }) => parentSpanId).find((id) => id !== null && steps.has(id))
    if (direct != null) return direct
    return told.map(({ parentEventId }) => spanOfEvent.get(parentEventId ?? '')).find((id) => id !== undefined)
  }
}

function visibleParent(spanId: string, parentSpan: ParentSpan, nodes: ReadonlyMap<string, StepNode>) {
  const passed = new Set([spanId])
  let above = parentSpan(spanId)
  while (above !== undefined && !nodes.has(above) && !passed.has(above)) {
    passed.add(above)
    above = parentSpan(above)
  }
  return above === undefined || above === spanId ? undefined : nodes.get(above)
}

/** Spans that claim to be each other's parents: the first of them by time is taken for the top. */
function breakCycles(ordered: readonly StepNode[]): void {
  const sound = new Set<StepNode>()
  for (const node of ordered) {
    // One that is reached from below first: it may start in the same millisecond as the steps below it.
    if (sound.has(node)) continue
    const path = new Set<StepNode>()
    let at: StepNode | undefined = node
    while (at !== undefined && !sound.has(at) && !path.has(at)) {
      path.add(at)
      at = at.parent
    }
    if (at === node) node.parent = undefined
    if (at === node || at === undefined || sound.has(at)) for (const passed of path) sound.add(passed)
  }
}

function byStart(a: StepNode, b: StepNode): number {
  return a.startedAt - b.startedAt || (a.spanId < b.spanId ? -1 : 1)
}
