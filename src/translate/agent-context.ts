import { SpanNode } from './span-node.ts'
import type { SpanRecord } from './span-record.ts'

/** Spans remembered after their end, for children that start later; older ones are forgotten. */
const endedKept = 4_096
/** Spans open, or awaited, at once; beyond it the oldest is taken for abandoned and forgotten, so that a leak cannot grow for ever. */
const openKept = 50_000

/** Which agent, session and user each span belongs to: its own, else those of the nearest span above that has them. */
export class AgentContext {
  readonly #open = new Map<string, SpanNode>()
  readonly #ended = new Map<string, SpanNode>()
  /** Known as somebody's parent only: over OTLP a long step comes minutes after the first of its children. */
  readonly #awaited = new Map<string, SpanNode>()

  /** The node of a span. Its parent's node is there too, empty while the parent is unknown: over OTLP children come first. */
  enter(span: SpanRecord): SpanNode {
    const key = span.traceId + span.spanId
    const node = this.#open.get(key) ?? this.#opened(key)
    if (span.parentSpanId !== null && node.parent === undefined)
      node.under(this.#parent(span.traceId + span.parentSpanId))
    return node
  }

  leave(span: SpanRecord): SpanNode | undefined {
    const key = span.traceId + span.spanId
    const node = this.#open.get(key)
    if (node === undefined) return undefined
    this.#open.delete(key)
    remember(this.#ended, key, node, endedKept)
    return node
  }

  #opened(key: string): SpanNode {
    const node = this.#ended.get(key) ?? this.#awaited.get(key) ?? new SpanNode()
    node.isKnown = true
    this.#ended.delete(key)
    this.#awaited.delete(key)
    remember(this.#open, key, node, openKept)
    return node
  }

  #parent(key: string): SpanNode {
    const known = this.#open.get(key) ?? this.#ended.get(key) ?? this.#awaited.get(key)
    if (known !== undefined) return known
    const unknown = new SpanNode()
    remember(this.#awaited, key, unknown, openKept)
    return unknown
  }
}

function remember(map: Map<string, SpanNode>, key: string, node: SpanNode, bound: number): void {
  map.set(key, node)
  if (map.size <= bound) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    return
  }
}
