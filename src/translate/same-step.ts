import { known } from './attributes.ts'
import { RecentMap } from './recent-map.ts'
import type { SpanFacts } from './span-facts.ts'
import type { CallView, SpanNode } from './span-node.ts'
import type { SpanRecord } from './span-record.ts'

/** Calls remembered by what they state, and calls of one statement; the oldest are forgotten. */
const keysKept = 2_048
const viewsKept = 16
/** Milliseconds by which the clocks of two spans of one process may differ. */
const clockMs = 10

/**
 * One physical call is one event, also where a framework, its client library and two instrumentations each have a span for
 * it. The outermost span that is known counts, and takes from the others what it does not know; once one of them is
 * published it stays, and those that come later give nothing. Two ways to tell that spans are of one call:
 *
 * - they lie in each other with no other step between: two model calls, or two calls of one tool;
 * - two instrumentations have them, in each other's time, with the same response id, or, in one process and without two ids
 *   to compare, with the same model and the same counts of tokens. An id alone is not enough: local servers and caches
 *   repeat theirs.
 */
export class SameStep {
  readonly #views = new RecentMap<CallView[]>(keysKept)

  /** Makes an ended model call known, so that another view of it can be told. */
  note(span: SpanRecord, node: SpanNode): void {
    if (span.endMs === null || node.type !== 'llm_call' || node.payload === undefined || node.call) return
    const { startMs, endMs, scope, resource } = span
    const keys = keysOf(node.payload)
    node.call = { node, keys, span: { startMs, endMs, scope, resource }, isTold: false }
    for (const key of keys) {
      const before = this.#views.get(key) ?? []
      this.#views.set(key, [...before.slice(1 - viewsKept), node.call])
    }
  }

  /** Whether another span gives this step's event. That span then knows what this one does, if it is not published yet. */
  isTold(node: SpanNode): boolean {
    const outer = outerStep(node)
    if (outer !== undefined) {
      outer.otherView = { ...allViews(node), ...known(outer.otherView ?? {}) }
      return true
    }
    if (node.publishedBelow !== undefined && isSame(node, node.publishedBelow)) return true
    const { call } = node
    if (call === undefined) return false
    if (call.other === undefined) this.#pair(call)
    return call.isTold
  }

  /** Finds the other view of a call that is about to be published, and settles which of the two is. */
  #pair(view: CallView): void {
    const other = this.#otherOf(view)
    if (other === undefined) return
    view.other = other
    other.other = view
    // The wider one knows more of whom the call is for; but what is published stays.
    const [told, teller] = other.node.isPublished || lasts(other) > lasts(view) ? [view, other] : [other, view]
    told.isTold = true
    teller.node.otherView ??= told.node.payload
  }

  #otherOf(view: CallView): CallView | undefined {
    for (const key of view.keys) {
      const other = this.#views.get(key)?.find((seen) => seen.other === undefined && isOther(seen, view))
      if (other !== undefined) return other
    }
    return undefined
  }
}

/** What all spans of a step know. It failed if one of them says so: to a framework, an error that an MCP server answers is a result. */
export function allViews({ payload = {}, otherView = {} }: SpanNode): SpanFacts['payload'] {
  const { success, error_type, error_message } = otherView
  const isFailure = success === false && payload['success'] === true
  return { ...otherView, ...known(payload), ...(isFailure ? known({ success, error_type, error_message }) : {}) }
}

/** The step right around this one, if it is the same step. */
export function outerStep(node: SpanNode): SpanNode | undefined {
  const above = node.stepAbove
  return above !== undefined && isSame(above, node) ? above : undefined
}

function isSame(outer: SpanNode, inner: SpanNode): boolean {
  if (outer.type !== inner.type) return false
  if (inner.type === 'llm_call') return true
  return inner.type === 'tool_usage' && isSameTool(outer.payload?.['tool_name'], inner.payload?.['tool_name'])
}

/** Frameworks put the name of an MCP server before the tool's: `recovery.hrv_lookup`, `mcp__recovery__hrv_lookup`. */
function isSameTool(outer: unknown, inner: unknown): boolean {
  if (typeof outer !== 'string' || typeof inner !== 'string') return false
  return outer === inner || (outer.endsWith(inner) && /[^a-z0-9]$/i.test(outer.slice(0, -inner.length)))
}

function isOther(other: CallView, view: CallView): boolean {
  if (other.span.scope === view.span.scope || !(isWithin(other, view) || isWithin(view, other))) return false
  if (outerStep(other.node) !== undefined) return false
  const [a, b] = [other.node.payload ?? {}, view.node.payload ?? {}]
  if (a['response_id'] !== undefined && b['response_id'] !== undefined) return a['response_id'] === b['response_id']
  return (
    processOf(other.span) === processOf(view.span) &&
    a['input_tokens'] === b['input_tokens'] &&
    a['output_tokens'] === b['output_tokens'] &&
    [a['model'], a['request_model']].some((model) => model === b['model'] || model === b['request_model'])
  )
}

function isWithin({ span: inner }: CallView, { span: outer }: CallView): boolean {
  return inner.startMs >= outer.startMs - clockMs && (inner.endMs ?? 0) <= (outer.endMs ?? 0) + clockMs
}

function lasts({ span }: CallView): number {
  return (span.endMs ?? span.startMs) - span.startMs
}

function keysOf(payload: SpanFacts['payload']): string[] {
  const { response_id: id, input_tokens: input, output_tokens: output } = payload
  const keys: string[] = []
  if (typeof id === 'string') keys.push(`id ${id}`)
  if (typeof input === 'number' && typeof output === 'number') keys.push(`tokens ${input} ${output}`)
  return keys
}

function processOf({ resource }: Pick<SpanRecord, 'resource'>): string {
  return ['service.name', 'service.instance.id', 'process.pid'].map((key) => String(resource[key])).join(' ')
}
