import { toTimestamp } from '../../events/timestamp.ts'
import type { RunWait } from '../../protocol/runs.ts'
import type { StepNode } from './step-tree.ts'

/** Waits told of one run. */
const maxWaits = 100

/**
 * Who waits for whom: an agent for the agent, model or tool below it that has not answered yet, also where that is `lost`. Who is
 * lost itself waits for nothing.
 */
export function waitsOf(nodes: readonly StepNode[], lost: ReadonlySet<string>): RunWait[] {
  return nodes
    .filter((node) => node.endedAt === null && (node.kind === 'agent' || !node.children.some(isOpen)))
    .flatMap((node) => waitFor(node, lost) ?? [])
    .slice(0, maxWaits)
}

function waitFor(node: StepNode, lost: ReadonlySet<string>): RunWait | undefined {
  let above = node.parent
  while (above !== undefined && above.kind !== 'agent') above = above.parent
  if (above === undefined || !isOpen(above) || lost.has(above.spanId)) return undefined
  const { kind, name, spanId } = node
  return {
    agent: above.namedAgent?.id ?? above.name,
    for: { kind, name, span_id: spanId },
    since: toTimestamp(node.startedAt),
  }
}

function isOpen(node: StepNode): boolean {
  return node.endedAt === null
}
