import { RecentMap } from './recent-map.ts'
import { SpanNode } from './span-node.ts'
import type { SpanRecord } from './span-record.ts'

/** Spans remembered after their end, for children that start later; older ones are forgotten. */
const endedKept = 2_048
/** Spans open, or awaited, at once; beyond it the oldest are taken for abandoned and forgotten, so that a leak cannot grow for ever. */
const openKept = 25_000

/** Which agent, session and user each span belongs to: its own, else those of the nearest span above that has them. */
export class AgentContext {
  readonly #open = new RecentMap<SpanNode>(openKept)
  readonly #ended = new RecentMap<SpanNode>(endedKept)
  /** Known as somebody's parent only: over OTLP a long step comes minutes after the first of its children. */
  readonly #awaited = new RecentMap<SpanNode>(openKept)

  /** The node of a span. Its parent's node is there too, empty while the parent is unknown: over OTLP children come first. */
  enter(span: SpanRecord): SpanNode {
    const key = span.traceId + span.spanId
    const node = this.#open.get(key) ?? this.#opened(key)
    if (span.parentSpanId !== null && node.parent === undefined)
      node.under(this.#parent(span.traceId + span.parentSpanId))
    return node
  }

  leave(node: SpanNode): void {
    this.#open.delete(node.key)
    this.#ended.set(node.key, node)
  }

  #opened(key: string): SpanNode {
    const node = this.#ended.get(key) ?? this.#awaited.get(key) ?? new SpanNode(key)
    if (node.isKnown) this.#ended.delete(key)
    else this.#awaited.delete(key)
    node.isKnown = true
    this.#open.set(key, node)
    return node
  }

  #parent(key: string): SpanNode {
    const known = this.#open.get(key) ?? this.#ended.get(key) ?? this.#awaited.get(key)
    if (known !== undefined) return known
    const unknown = new SpanNode(key)
    this.#awaited.set(key, unknown)
    return unknown
  }
}
